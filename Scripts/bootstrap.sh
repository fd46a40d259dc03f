#!/bin/sh
# Prepares a deployment, once or again: brings the schema up to date, and makes the token of the workers where there is
# none. The workers read it from a file that they share with this script and that only their user may read.
#
#   mini-ci-bootstrap TOKEN_FILE     with MINI_CI_DATABASE_URL naming the database
set -eu
token_file=${1:?expected the path of the token file}
mini_ci=${MINI_CI:-mini-ci}

"$mini_ci" migrate

if [ -s "$token_file" ]; then
    echo "bootstrap: the workers' token is there: $token_file"
    exit 0
fi
umask 077
mkdir -p "$(dirname "$token_file")"
# Renamed into place when it is whole: a worker sees all of it or none.
"$mini_ci" token create --role worker --name workers >"$token_file.new"
[ -s "$token_file.new" ] || { echo "bootstrap: 'mini-ci token create' printed no token" >&2; exit 1; }
mv "$token_file.new" "$token_file"
echo "bootstrap: made the workers' token: $token_file"
