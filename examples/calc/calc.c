/* calc: prints the value of an arithmetic expression.
 *
 *   expression = term   { ("+" | "-") term }
 *   term       = factor { ("*" | "/" | "%") factor }
 *   factor     = number | "-" factor | "(" expression ")"
 *
 * Whole numbers of 64 bits. Exits 0, or 2 with a message that points at the place.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const char *text;
static const char *at;

static void fail(const char *why)
{
    fprintf(stderr, "%s\n%*s^ %s\n", text, (int)(at - text), "", why);
    exit(2);
}

static void skip_spaces(void)
{
    while (isspace((unsigned char)*at))
        at++;
}

/* Whether the next character is `wanted`; if so it is consumed. */
static int accept(char wanted)
{
    skip_spaces();
    if (*at != wanted)
        return 0;
    at++;
    return 1;
}

static long long expression(void);

static long long number(void)
{
    long long value = 0;
    skip_spaces();
    if (!isdigit((unsigned char)*at))
        fail("expected a number or '('");
    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
            fail("does not fit 64 bits");
    }
    return value;
}

static long long factor(void)
{
    long long value;
    if (accept('-')) {
        if (__builtin_sub_overflow(0, factor(), &value))
            fail("does not fit 64 bits");
        return value;
    }
    if (!accept('('))
        return number();
    value = expression();
    if (!accept(')'))
        fail("expected ')'");
    return value;
}

/* Parses a divisor of `dividend`. The smallest number by -1 is the one quotient that does not fit. */
static long long divisor(long long dividend)
{
    long long value = factor();
    if (value == 0)
        fail("division by zero");
    if (value == -1 && dividend == LLONG_MIN)
        fail("does not fit 64 bits");
    return value;
}

static long long term(void)
{
    long long value = factor();
    for (;;) {
        int overflow = 0;
        if (accept('*'))
            overflow = __builtin_mul_overflow(value, factor(), &value);
        else if (accept('/'))
            value /= divisor(value);
        else if (accept('%'))
            value %= divisor(value);
        else
            return value;
        if (overflow)
            fail("does not fit 64 bits");
    }
}

static long long expression(void)
{
    long long value = term();
    for (;;) {
        int overflow;
        if (accept('+'))
            overflow = __builtin_add_overflow(value, term(), &value);
        else if (accept('-'))
            overflow = __builtin_sub_overflow(value, term(), &value);
        else
            return value;
        if (overflow)
            fail("does not fit 64 bits");
    }
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: calc EXPRESSION, for example: calc '2 * (3 + 4)'\n");
        return 2;
    }
    text = at = arguments[1];
    long long value = expression();
    skip_spaces();
    if (*at != '\0')
        fail("expected an operator or the end");
    printf("%lld\n", value);
    return 0;
}
