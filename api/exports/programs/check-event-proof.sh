#!/bin/sh
# sh check-event-proof.sh FILE.eventproof.json LOG_VKEY GENESIS_HASH: needs openssl 3, nothing of ours.
# The last two are `log` and `genesis` of the policy file, had from somebody you trust. OK, exit 0: the
# event is in a statement signed by keys enrolled no later, and that in the log. Witnesses: not asked.
set -euf; export LC_ALL=C; log=$2 name=${2%%+*} genesis=$3
A=$(printf '\001') B=$(printf '\002') C=$(printf '\003') D=$(printf '\004')
fail() { echo "WRONG: $*" >&2; exit 1; }
hash() { openssl dgst -sha256 -binary | openssl base64 -A; }
raw() { printf %s "$1" | openssl base64 -d -A; }
plain() { printf %s "$1" | tr '\001\002\003' '\\"\n'; } # marks stand for JSON's escapes \\ \" \n
leaf() { { printf '\000'; cat "$1"; } | hash; }
node() { { printf '\001'; raw "$1"; raw "$2"; } | hash; }
root() { # LEAF INDEX SIZE SIBLING...: the root that an inclusion proof leads to (RFC 9162, 2.1.3)
    hash=$1 at=$2 last=$(($3 - 1)); shift 3; [ "$at" -le "$last" ] || fail "an index beyond its tree"
    while [ "$last" -gt 0 ]; do
        if [ $((at & 1)) = 1 ]; then hash=$(node "${1:?too short}" "$hash"); shift
        elif [ "$at" -lt "$last" ]; then hash=$(node "$hash" "${1:?too short}"); shift; fi
        at=$((at >> 1)) last=$((last >> 1))
    done
    [ $# = 0 ] || fail "an inclusion proof is too long"; echo "$hash"
}
signed() { # TEXT NOTE VKEY: exactly one line of the note is that key's, and it signs the text
    raw "$(awk -v name="${3%%+*}" '$1 == "—" && $2 == name { print $3 }' "$2")" | tail -c +5 >signature
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; raw "${3#*+*+}" | tail -c +2; } >key
    openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in "$1" -sigfile signature >answer \
        2>&1 || fail "the signature of ${3%%+*} does not hold"
}
included() { # ENTRY EVENT INDEX PATH RECEIPT: the event is in the statement, and that in the log
    plain "$1" >entry; plain "$2" >event; plain "$5" >receipt; sed -n 2,7p entry >text
    sed '1,/^$/d' receipt >note; [ -s checkpoint ] || cp note checkpoint
    cmp -s note checkpoint || fail "the proof holds two checkpoints"
    { read -r origin; read -r size; read -r top; } <note; path=$(echo "$4" | tr '",' '  ')
    [ "$origin $(head -n 2 text | tr '\n' ' ')" = "$name sunledger/statement/v1 $name " ] || fail "another ledger"
    [ "$(root "$(leaf event)" "$3" "$(sed -n 5p text)" $path)" = "$(sed -n 6p text)" ] || fail "another event"
    index=$(sed -nE '/^$/q;s/^index (0|[1-9][0-9]*)$/\1/p' receipt) first=$(leaf entry)
    [ "$(root "$first" "$index" "$size" $(sed '1,/^index /d;/^$/,$d' receipt))" = "$top" ] ||
        fail "the statement is not in the log"
}
parts() { printf %s "$1" | sed -nE "s/^$2\$/\1$D\2$D\3$D\4$D\5$D\6/p"; } # a proof's six fields
[ "$(tr -d '\000-\037' <"$1")" = "$(cat "$1")" ] || fail "not one line of JSON"
json=$(sed 's/\\\\/'"$A"'/g;s/\\"/'"$B"'/g;s/\\n/'"$C"'/g' "$1") dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT; cd "$dir"; case $json in *\\*) fail "an escape that no proof needs" ;; esac
P='"entry":"([^"]*)","event":"([^"]*)","index":(0|[1-9][0-9]*)' R='"path":\[([^]]*)\],"receipt":"([^"]*)"'
IFS=$D; set -- $(parts "$json" "\{$P,\"keys\":\[(.*)\],$R\}"); unset IFS
[ $# = 6 ] || fail "not an event proof"; included "$1" "$2" "$3" "$5" "$6"; own=$index
mv entry statement; mv text stated; sed '/^$/,$d' checkpoint >text; signed text checkpoint "$log"
printf '%s\n' "$4" | sed "s/},{\"enrolled\"/}$D{\"enrolled\"/g" | tr '\004' '\n' >keys
while read -r key; do # {"enrolled":PROOF,"vkey":VKEY}, PROOF of key.enrolled, key.recovered or ledger.opened
    IFS=$D; set -- $(parts "$key" "\{\"enrolled\":\{$P,$R\},\"vkey\":\"([^\"]*)\"\}"); unset IFS
    [ $# = 6 ] || fail "a key comes without proof of its enrolment"
    included "$1" "$2" "$3" "$4" "$5"; signed stated statement "$6"; echo "$6" >>enrolled; end=",\"vkey\":\"$6\"}"
    case $(cat event) in
    *'"type":"key.enrolled"'*"$end" | *'"type":"key.recovered"'*"$end") [ "$index" -le "$own" ] || fail "$6 came later" ;;
    *"\"vkey\":\"$6\""*'"type":"ledger.opened"'*) [ "$index $(raw "$first" | od -An -v -tx1 |
        tr -d ' \n')" = "0 $genesis" ] || fail "the ledger was opened by another genesis" ;;
    *) fail "$6 is not the key that was enrolled" ;; esac
done <keys
[ "$(awk '$1 == "—" { print $2 }' statement)" = "$(sed 's/+.*//' enrolled)" ] || fail "other signatures"
[ "$(sed 's,/.*,,' enrolled | sort | tr '\n' ' ')" = "$(sed -n 4p stated) " ] || fail "other signers"
echo "OK: the event is in statement $own of $name, signed by $(sed -n 4p stated)"
