"""The first page of an audit pack, for whoever opens the folder: Chinese, then English."""

_PAGE = """\
# 审计资料包 Audit pack: {origin}

截至第 {last} 号事件（共 {events} 个事件、{size} 份声明）。
金额均为整数分；时间为 UTC，日期为当地日期。

Up to event {last} ({events} events in {size} statements). Amounts are integer fen; instants are
UTC, days are local.

| 文件 file | 内容 | content |
|---|---|---|
| MANIFEST.json | 范围、合计、检查点、各文件哈希 | how far, totals, checkpoint, hash of each file |
| journal.csv, .parquet | 分录账：每笔分录借贷双方 | both sides of every posting |
| trial-balance.csv | 各资金科目试算平衡表，含最近一次结账时余额 | per fund line; last closing |
| contracts.csv, contract-life.csv | 合同一览；合同全过程 | contracts; the life of each |
| payments.csv | 支付与预付款，含银行凭据哈希 | payments, advances, bank references |
| keys.csv, roles.csv | 密钥与权限及其变更 | keys and rights with their changes |
| proofs/ | 结账时各合同、科目的状态证明 | state proofs at the last closing |
| archive/ | 已签名的全部声明与事件 | every signed statement and event |
| data-dictionary.json, mapping.md | 数据字典；与审计标准的对应 | columns; auditors' standards |
| verifier/ | 独立核验程序 | programs that check it |

## 核验 Checking

日志公钥（LOG_VKEY）与创世哈希（GENESIS_HASH）须从可信渠道另行取得。
Get the ledger's verifier key and genesis hash from somebody you trust, not from this folder.

    python verifier/check_pack.py . LOG_VKEY GENESIS_HASH      files, log, journal, sums
    python verifier/verify.pyz archive POLICY                  signatures and law; pip install
                                                               msgspec orjson cryptography pynacl
    sh verifier/check-event-proof.sh PROOF LOG_VKEY GENESIS    one event, with OpenSSL only
    sunledger check . --policy POLICY                          all of it, and every table again
"""


def readme(origin: str, events: int, size: int) -> bytes:
    """Return the page of the pack of a ledger with so many events and statements."""
    return _PAGE.format(origin=origin, events=events, last=events - 1, size=size).encode()
