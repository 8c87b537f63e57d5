"""Notices: nobody is acted against who was not told, heard and, where it is contested, judged."""

import scenario
from world import World


def test_notices_and_their_answers() -> None:
    """A notice goes to the side it would touch, with time to answer; it is answered once.

    outcome                  | by      | event           | fields
    reference_unknown        |         | notice.given    | about=c-9
    signers_not_as_called    | BU2/one | notice.given    |
    signers_not_as_called    | PRO/one | notice.given    |
    signer_lacks_role        | PRO/one | notice.given    | act=sanction.imposed
    signers_not_as_called    | BUY/one PRO/one | notice.given |
    party_not_of_contract    |         | notice.given    | to=BUY
    party_not_of_contract    |         | notice.given    | to=PR2
    party_not_of_contract    | PRO/one | notice.given    | act=contract.closed
    date_invalid             |         | notice.given    | reply_by=2026-02-30
    reply_by_out_of_range    |         | notice.given    | reply_by=2026-01-11
    reply_by_out_of_range    |         | notice.given    | reply_by=2026-04-06
    notice_amount_unexpected | PRO/one | notice.given    | act=contract.closed; to=BUY
    ok                       |         | notice.given    | reply_by=2026-01-12
    id_taken                 |         | notice.given    | notice=N-1
    ok                       | AUD/one | notice.given    | notice=n-2; act=refund.demanded
    reference_unknown        |         | notice.answered | notice=n-9
    signers_not_as_called    | BUY/one | notice.answered |
    signers_not_as_called    | PR2/one | notice.answered |
    notice_wrong_state       |         | notice.decided  |
    ok                       |         | notice.answered | answer=contests
    notice_wrong_state       |         | notice.answered |
    reference_unknown        |         | notice.decided  | notice=n-9
    signer_lacks_role        | BUY/one | notice.decided  |
    value_exceeds            |         | notice.decided  | amount_fen=1001
    notice_amount_unexpected |         | notice.decided  | amount_fen=1000; upheld=false
    ok                       |         | notice.decided  | amount_fen=1000
    notice_wrong_state       |         | notice.decided  |
    later                    |         |                 | 32
    ok                       | AUD/one | notice.given    | notice=n-3; act=refund.demanded; \
reply_by=2026-02-13
    ok                       |         | notice.answered | notice=n-2
    later                    |         |                 | 8
    reply_too_late           |         | notice.answered | notice=n-3
    """
    scenario.play(World.contracted(), test_notices_and_their_answers.__doc__)
