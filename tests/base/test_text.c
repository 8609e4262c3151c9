/* tests/base/test_text.c - runs of bytes that know their length */
#include "support/support.h"

static void find_and_part_stay_inside(void **state)
{
    struct text it = TEXT("a@b@c");

    (void)state;
    assert_int_equal(text_find(it, '@'), 1);
    assert_int_equal(text_find_last(it, '@'), 3);
    assert_true(text_find(it, 'x') == TEXT_NOT_FOUND);
    assert_true(text_find_last((struct text){ NULL, 0 }, 'x') == TEXT_NOT_FOUND);
    assert_text(text_part(it, 1, 3), "@b@");
    assert_text(text_part(it, 4, TEXT_NOT_FOUND), "c");
    assert_text(text_part(it, 5, 1), "");
    assert_text(text_part(it, 99, 99), "");
    assert_text(text_part((struct text){ NULL, 0 }, 1, 1), NULL);
    assert_int_equal(text_find(TEXT("a\0b"), 'b'), 2);
}

static void equality_and_order(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT(""), (struct text){ NULL, 0 }));
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_false(text_equal(TEXT("ab"), TEXT("AB")));
    assert_true(text_equal_folded(TEXT("aB-1"), TEXT("Ab-1")));
    assert_false(text_equal_folded(TEXT("@"), TEXT("`"))); /* 32 apart, and no letters */
    assert_false(text_equal_folded(TEXT("[a"), TEXT("{a")));
    assert_false(text_equal_folded(TEXT("É"), TEXT("é")));
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("a"), TEXT("aa")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("aa")) > 0);
    assert_true(text_compare(TEXT("\x80"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT(""), (struct text){ NULL, 0 }), 0);
    assert_true(text_starts(TEXT("postreeve"), TEXT("post")));
    assert_true(text_starts(TEXT("post"), TEXT("")));
    assert_false(text_starts(TEXT("po"), TEXT("post")));
    assert_true(text_ends(TEXT("postreeve"), TEXT("reeve")));
    assert_false(text_ends(TEXT("eve"), TEXT("reeve")));
}

static void trim_takes_white_space_off_both_ends(void **state)
{
    static const struct {
        const char *given, *trimmed;
    } cases[] = {
        { "", "" }, { " ", "" }, { " \t\r\n\v\fa b\n ", "a b" }, { "a", "a" }, { "\u3000a", "\u3000a" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(text_trim(text_of(cases[i].given)), cases[i].trimmed);
}

/* RFC 3629: the first and last of each length, and what only looks like UTF-8 */
static const struct {
    const char *octets;
    bool valid;
    size_t code_points;
} encodings[] = {
    { "", true, 0 },
    { "abc", true, 3 },
    { "\x7F", true, 1 },
    { "\xC2\x80", true, 1 },
    { "\xDF\xBF", true, 1 },
    { "\xE0\xA0\x80", true, 1 },
    { "\xEF\xBF\xBF", true, 1 },
    { "\xED\x9F\xBF", true, 1 },
    { "\xEE\x80\x80", true, 1 },
    { "\xF0\x90\x80\x80", true, 1 },
    { "\xF4\x8F\xBF\xBF", true, 1 },
    { "日本語", true, 3 },
    { "a日b", true, 3 },
    { "\x80", false, 0 },
    { "\xBF", false, 0 },
    { "\xC0\x80", false, 0 },         /* NUL, too long */
    { "\xC1\xBF", false, 0 },         /* U+007F, too long */
    { "\xE0\x9F\xBF", false, 0 },     /* U+07FF, too long */
    { "\xF0\x8F\xBF\xBF", false, 0 }, /* U+FFFF, too long */
    { "\xED\xA0\x80", false, 0 },     /* a surrogate */
    { "\xED\xBF\xBF", false, 0 },
    { "\xF4\x90\x80\x80", false, 0 }, /* U+110000 */
    { "\xF5\x80\x80\x80", false, 0 },
    { "\xFE", false, 0 },
    { "\xFF", false, 0 },
    { "\xC2", false, 0 }, /* cut off */
    { "\xE3\x81", false, 0 },
    { "\xF0\x9F\x98", false, 0 },
    { "\xC2" "a", false, 0 },
    { "a\xE3\x81z", false, 0 },
};

static void utf8_is_checked_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(encodings); i++) {
        struct text it = text_of(encodings[i].octets);

        assert_int_equal(text_is_utf8(it), encodings[i].valid);
        if (encodings[i].valid)
            assert_int_equal(text_code_points(it), encodings[i].code_points);
    }
    assert_true(text_is_utf8((struct text){ NULL, 0 }));
    assert_true(text_is_utf8(TEXT("a\0b")));
}

static void control_characters_are_seen(void **state)
{
    (void)state;
    assert_false(text_has_control(TEXT("plain ~ 日本語 \u00A0"), ""));
    assert_true(text_has_control(TEXT("a\nb"), ""));
    assert_false(text_has_control(TEXT("a\r\n\tb"), "\r\n\t"));
    assert_true(text_has_control(TEXT("a\vb"), "\r\n\t"));
    assert_true(text_has_control(TEXT("a\0b"), ""));
    assert_true(text_has_control(TEXT("a\0b"), "\n")); /* never allowed */
    assert_true(text_has_control(TEXT("\x1F"), ""));
    assert_true(text_has_control(TEXT("\x7F"), ""));
    assert_true(text_has_control(TEXT("\xC2\x80"), ""));
    assert_true(text_has_control(TEXT("\xC2\x9F"), ""));
    assert_true(text_has_control(TEXT("\xFF"), ""));
}

static const struct {
    const char *given;
    bool valid;
    int64_t value;
} integers[] = {
    { "0", true, 0 },
    { "-0", true, 0 },
    { "7", true, 7 },
    { "-7", true, -7 },
    { "007", true, 7 },
    { "9223372036854775807", true, INT64_MAX },
    { "-9223372036854775808", true, INT64_MIN },
    { "9223372036854775808", false, 0 },
    { "-9223372036854775809", false, 0 },
    { "18446744073709551616", false, 0 },
    { "99999999999999999999", false, 0 },
    { "000000000000000000000000000000", false, 0 },
    { "", false, 0 },
    { "-", false, 0 },
    { "--1", false, 0 },
    { "+1", false, 0 },
    { " 1", false, 0 },
    { "1 ", false, 0 },
    { "1.0", false, 0 },
    { "1e3", false, 0 },
    { "0x10", false, 0 },
    { "１", false, 0 },
};

static void integers_are_read_whole_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(integers); i++) {
        int64_t value = 42;

        print_message("  \"%s\"\n", integers[i].given);
        assert_int_equal(text_to_int64(text_of(integers[i].given), &value), integers[i].valid);
        assert_true(value == (integers[i].valid ? integers[i].value : 42));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_and_part_stay_inside),   cmocka_unit_test(equality_and_order),
        cmocka_unit_test(trim_takes_white_space_off_both_ends),
        cmocka_unit_test(utf8_is_checked_strictly),    cmocka_unit_test(control_characters_are_seen),
        cmocka_unit_test(integers_are_read_whole_or_not),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
