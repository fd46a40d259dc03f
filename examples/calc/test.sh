#!/bin/sh
# Tests of calc, in the Test Anything Protocol.
cd "$(dirname "$0")" || exit 2
number=0
failed=0

check() {
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number - $1"
    else
        failed=$((failed + 1))
        echo "not ok $number - $1: expected '$3', got '$2'"
    fi
}

# value EXPRESSION EXPECTED
value() { check "$1 = $2" "$(./calc "$1" 2>&1)" "$2"; }

# refuses EXPRESSION MESSAGE
refuses() {
    message=$(./calc "$1" 2>&1)
    status=$?
    check "'$1' is refused: $2" "$status ${message##*^ }" "2 $2"
}

value '42' 42
value '1 + 2 * 3' 7
value '(1 + 2) * 3' 9
value '10 - 4 - 3' 3
value '100 / 7 % 5' 4
value '-(2 - 5)' 3
value '--2' 2
value ' 6*7 ' 42
value '9223372036854775807' 9223372036854775807
value '-9223372036854775807 - 1' -9223372036854775808
refuses '' "expected a number or '('"
refuses '1 +' "expected a number or '('"
refuses '(1 + 2' "expected ')'"
refuses '1 2' 'expected an operator or the end'
refuses '1 / (2 - 2)' 'division by zero'
refuses '9223372036854775807 + 1' 'does not fit 64 bits'
refuses '(-9223372036854775807 - 1) / -1' 'does not fit 64 bits'

echo "1..$number"
[ "$failed" -eq 0 ] || { echo "# $failed of $number failed"; exit 1; }
