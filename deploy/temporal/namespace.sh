#!/bin/sh
# The namespace and its search attributes; a second run changes nothing but the retention, where that is new.
# TEMPORAL_ADDRESS is read by the temporal command itself; the namespace it wants to be told each time.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}" "${RETENTION:?}"

# The server needs a moment to start, and then some seconds to notice a new namespace of its own.
patiently() {
    attempts=60
    until said=$("$@" 2>&1); do
        attempts=$((attempts - 1))
        [ "$attempts" -gt 0 ] || { echo "$said" >&2; exit 1; }
        sleep 1
    done
    echo "$said"
}

patiently temporal operator cluster health
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" \
        --description "抽检批次"
fi

# The same names and types as workflows/attributes.py.
while read -r name type; do
    patiently temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
        --name "$name" --type "$type"
done <<'ATTRIBUTES'
ChoujianPhase Keyword
ChoujianOverdue Bool
ChoujianOutcome Keyword
ATTRIBUTES

# Workers start after this: the attributes, too, are noticed only after some seconds.
sleep "${SETTLE_SECONDS:-15}"
