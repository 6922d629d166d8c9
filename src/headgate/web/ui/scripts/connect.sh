#!/bin/sh
# Points coding agents of this machine at the Headgate gateway @URL@. It needs no Python, and holds no token:
# the token comes from HEADGATE_TOKEN, or is asked for.
#
#   curl -fsS @URL@/connect.sh | sh -s -- claude codex gemini
#   curl -fsS @URL@/connect.sh | sh -s -- --undo
#
# A file that exists is copied to FILE.before-headgate first; --undo puts it back.
# A JSON file that exists is merged with node or python3; without both it is left as it is.

set -eu
umask 077
words='@WORDS@'

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

need_token() {
    if [ -z "${HEADGATE_TOKEN:-}" ]; then
        if ! (: </dev/tty) 2>/dev/null; then
            fail "Set HEADGATE_TOKEN to your token, and run this again."
        fi
        printf 'Headgate token: ' >&2
        stty -echo </dev/tty 2>/dev/null || :
        IFS= read -r HEADGATE_TOKEN </dev/tty || :
        stty echo </dev/tty 2>/dev/null || :
        say ""
    fi
    case $HEADGATE_TOKEN in
        '' | *[!A-Za-z0-9._-]*) fail "That is no token." ;;
    esac
    export HEADGATE_TOKEN
}

# The text of standard input with the token in its place. The token is in no argument, where others could see it.
with_token() {
    awk '{ while ((at = index($0, "<token>")) > 0) $0 = substr($0, 1, at - 1) ENVIRON["HEADGATE_TOKEN"] substr($0, at + 7); print }'
}

# Keep the file as it was, once. What was not there gets an empty mark.
keep() {
    mkdir -p "$(dirname "$1")"
    if [ -e "$1.before-headgate" ] || [ -e "$1.new-by-headgate" ]; then
        return 0
    elif [ -e "$1" ]; then
        cp -p "$1" "$1.before-headgate"
    else
        : >"$1.new-by-headgate"
    fi
}

# Write standard input into a file, through a symbolic link, readable by its owner alone.
put() {
    cat >"$1.headgate-part"
    cat "$1.headgate-part" >"$1"
    chmod 600 "$1"
    rm -f "$1.headgate-part"
    say "  $1"
}

# A file of its own, or one whose lines are variables.
whole_file() {
    keep "$1"
    with_token | put "$1"
}

env_file() {
    keep "$1"
    if [ ! -s "$1" ]; then
        with_token | put "$1"
        return 0
    fi
    added=$(cat)
    {
        names=$(printf '%s\n' "$added" | sed 's/=.*//')
        HEADGATE_NAMES=$names awk '
            BEGIN { count = split(ENVIRON["HEADGATE_NAMES"], listed, "\n"); for (i = 1; i <= count; i++) ours[listed[i]] = 1 }
            { name = $0; sub(/^[ \t]*(export[ \t]+)?/, "", name); sub(/[ \t]*=.*/, "", name); if (!(name in ours)) print }
        ' "$1"
        printf '%s\n' "$added" | with_token
    } | put "$1"
}

# The second argument is a list of paths and values. The first file is written as it is if there is none.
json_file() {
    if [ ! -s "$1" ]; then
        keep "$1"
        with_token | put "$1"
        return 0
    fi
    cat >/dev/null
    settings=$(printf '%s\n' "$2" | with_token)
    if command -v node >/dev/null 2>&1; then
        merged=$(HEADGATE_SETTINGS=$settings node -e '
            const root = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").replace(/^\uFEFF/, ""));
            for (const [path, value] of JSON.parse(process.env.HEADGATE_SETTINGS)) {
                let at = root;
                for (const key of path.slice(0, -1)) at = at[key] = typeof at[key] === "object" && at[key] ? at[key] : {};
                at[path[path.length - 1]] = value;
            }
            console.log(JSON.stringify(root, null, 2));
        ' "$1" 2>/dev/null) || merged=
    elif command -v python3 >/dev/null 2>&1; then
        merged=$(HEADGATE_SETTINGS=$settings python3 -c '
import json, os, sys
root = json.load(open(sys.argv[1], encoding="utf-8-sig"))
for path, value in json.loads(os.environ["HEADGATE_SETTINGS"]):
    at = root
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
print(json.dumps(root, indent=2, ensure_ascii=False))
' "$1" 2>/dev/null) || merged=
    else
        say "  $1 exists, and merging it needs node or python3. It is unchanged; add the settings of @URL@/setup.md by hand."
        return 1
    fi
    if [ -z "$merged" ]; then
        say "  $1 is not plain JSON (it may have comments). It is unchanged; add the settings of @URL@/setup.md by hand."
        return 1
    fi
    keep "$1"
    printf '%s\n' "$merged" | put "$1"
}

undo() {
    for file in @PLACES@; do
        if [ -e "$file.before-headgate" ]; then
            cat "$file.before-headgate" >"$file"
            touch -r "$file.before-headgate" "$file"
            chmod "$(mode_of "$file.before-headgate")" "$file"
            rm -f "$file.before-headgate"
            say "  $file is as it was"
        elif [ -e "$file.new-by-headgate" ]; then
            rm -f "$file" "$file.new-by-headgate"
            say "  $file is deleted"
        fi
    done
}

mode_of() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }

@AGENTS@
main() {
    if [ "${1:-}" = --undo ]; then
        undo
        return 0
    fi
    if [ $# -eq 0 ]; then
        for name in $words; do
            if command -v "$name" >/dev/null 2>&1; then
                set -- "$@" "$name"
            fi
        done
        [ $# -gt 0 ] || fail "No agent is in PATH. Name the ones to connect: $words."
    fi
    for name in "$@"; do
        case " $words " in
            *" $name "*) ;;
            *) fail "$name is no agent that this script connects; these are: $words." ;;
        esac
    done
    need_token
    failed=0
    for name in "$@"; do
        say "$name"
        "agent_$name" || failed=1
    done
    say "Take it back with: curl -fsS @URL@/connect.sh | sh -s -- --undo"
    return "$failed"
}

main "$@"
