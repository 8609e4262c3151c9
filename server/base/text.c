/* server/base/text.c */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct text text_of(const char *c_string)
{
    return (struct text){ c_string, c_string ? strlen(c_string) : 0 };
}

struct text text_part(struct text from, size_t start, size_t length)
{
    if (start > from.length)
        start = from.length;
    if (length > from.length - start)
        length = from.length - start;
    return (struct text){ from.at ? from.at + start : NULL, length };
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_folded(struct text a, struct text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (folded(a.at[i]) != folded(b.at[i]))
            return false;
    return true;
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

    if (order == 0)
        order = (a.length > b.length) - (a.length < b.length);
    return order;
}

bool text_starts(struct text whole, struct text with)
{
    return whole.length >= with.length && text_equal(text_part(whole, 0, with.length), with);
}

bool text_ends(struct text whole, struct text with)
{
    return whole.length >= with.length
        && text_equal(text_part(whole, whole.length - with.length, with.length), with);
}

size_t text_find(struct text in, char wanted)
{
    const char *hit = in.length ? memchr(in.at, wanted, in.length) : NULL;

    return hit ? (size_t)(hit - in.at) : TEXT_NOT_FOUND;
}

size_t text_find_last(struct text in, char wanted)
{
    const char *hit = in.length ? memrchr(in.at, wanted, in.length) : NULL;

    return hit ? (size_t)(hit - in.at) : TEXT_NOT_FOUND;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct text text_trim(struct text given)
{
    while (given.length && is_space(given.at[0]))
        given = text_part(given, 1, given.length);
    while (given.length && is_space(given.at[given.length - 1]))
        given.length--;
    return given;
}

/* One code point from the start of `from`; its length in octets, 0 when it is not valid UTF-8. */
static size_t code_point(struct text from, uint32_t *out)
{
    const unsigned char *s = (const unsigned char *)from.at;
    size_t need = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    uint32_t value;

    if (need == 0 || need > from.length)
        return 0;
    value = s[0] & lead_bits[need];
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3F);
    }
    if (value < least[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *out = value;
    return need;
}

bool text_is_utf8(struct text given)
{
    uint32_t ignored;

    while (given.length) {
        size_t used = code_point(given, &ignored);

        if (used == 0)
            return false;
        given = text_part(given, used, given.length);
    }
    return true;
}

bool text_has_control(struct text given, const char *allowed)
{
    while (given.length) {
        uint32_t value = 0;
        size_t used = code_point(given, &value);
        bool control = value < 0x20 || (value >= 0x7F && value < 0xA0);

        if (used == 0)
            return true;
        if (control && (value == 0 || value > 0x7F || !strchr(allowed, (int)value)))
            return true;
        given = text_part(given, used, given.length);
    }
    return false;
}

size_t text_code_points(struct text given)
{
    size_t count = 0;

    for (size_t i = 0; i < given.length; i++)
        count += ((unsigned char)given.at[i] & 0xC0) != 0x80;
    return count;
}

bool text_to_int64(struct text given, int64_t *out)
{
    bool negative = given.length && given.at[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t value = 0;

    if (given.length == i || given.length > 20)
        return false;
    for (; i < given.length; i++) {
        int digit = given.at[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(value, 10, &value)
            || __builtin_sub_overflow(value, digit, &value)) /* downward: INT64_MIN has no positive twin */
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}
