/* tests/model/test_password_policy.c - which passwords may be chosen, and those that are made */
#include "support/support.h"

#include "model/password.h"
#include "model/password_policy.h"
#include "model/secret.h"

#include <stdio.h>
#include <string.h>

#define LIST                                                                                                           \
    "# the first lines say what this is\n#\n\n"                                                                        \
    "qwerty\nPassWord\n123456\n  dragon \r\nqwerty\np@ssw0rd\n#1boss\n\xE3\x81\x95\xE3\x81\x8F\xE3\x82\x89\n1q2w3e4r"

static const struct {
    const char *clear;
    int64_t min;
    const char *address, *problem;
} lengths[] = {
    { "long enough", 8, "taro@example.org", NULL },
    { "long enough", 8, NULL, NULL },
    { "eight888", 8, NULL, NULL },
    { "seven77", 8, NULL, "too_short" },
    { "日本語のパス", 6, NULL, NULL }, /* code points, not octets */
    { "日本語のパス", 7, NULL, "too_short" },
    { "", 0, NULL, "too_short" },
    { "x", 0, NULL, "password_too_weak" },
    { "aaaaaaaaaa", 8, NULL, "password_too_weak" },
    { "ああああああああ", 8, NULL, "password_too_weak" },
    { "あいあいあいあい", 8, NULL, NULL },
    { "taro.yamada", 8, "taro.yamada@example.org", "password_too_weak" },
    { "Taro.Yamada", 8, "taro.yamada@example.org", "password_too_weak" },
    { "taro.yamada@example.org", 8, "taro.yamada@example.org", "password_too_weak" },
    { "taro.yamada1", 8, "taro.yamada@example.org", NULL },
    { "new\nline 12", 8, NULL, "bad_character" },
    { "bad\xFFutf8 12", 8, NULL, "bad_encoding" },
};

static void password_admit_asks_for_enough(void **state)
{
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct task *t = fresh_task(state);
        struct password_policy policy = { .min_length = lengths[i].min };
        enum outcome o = password_admit(t, "password", text_of(lengths[i].clear), &policy, text_of(lengths[i].address));

        print_message("  %s\n", lengths[i].clear);
        assert_problem(t, o, lengths[i].problem);
    }
}

static void password_admit_knows_its_bounds(void **state)
{
    static const struct password_policy eight = { .min_length = 8 };
    struct task *t = fresh_task(state);
    struct text none = { NULL, 0 }, most = task_join(t, TEXT("b"), repeated(t, 'a', PASSWORD_MAX - 1));

    assert_problem(t, password_admit(t, "password", most, &eight, none), NULL);
    assert_problem(t, password_admit(t, "password", task_join(t, most, TEXT("a")), &eight, none), "too_long");
    assert_figure(t, "max", PASSWORD_MAX);
    t = fresh_task(state);
    assert_problem(t, password_admit(t, "password", repeated(t, 'a', 100000), &eight, none), "too_long");
    t = fresh_task(state);
    assert_problem(t, password_admit(t, "password", TEXT("short"), &eight, none), "too_short");
    assert_figure(t, "min", 8);
    t = fresh_task(state);
    assert_problem(t, password_admit(t, "password", TEXT("a\0bcdefgh"), &eight, none), "bad_character");
}

static const struct {
    const char *clear;
    int64_t classes; /* how many kinds it has */
} kinds[] = {
    { "smallsmall", 1 },  { "CAPITALS", 1 },     { "1029384756", 1 }, { "-+-+=.,;", 1 },    { "日本語のパスワード", 1 },
    { "two words", 2 },   { "smallBIG", 2 },     { "small123", 2 },   { "日本語password", 2 }, { "日本語 - パス", 1 },
    { "smallBIG1", 3 },   { "small 123", 3 },    { "SmallBig!9", 4 }, { "Aa1日本語のパ", 4 },
};

static void password_admit_counts_kinds_of_characters(void **state)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (int64_t wanted = 0; wanted <= PASSWORD_CLASSES; wanted++) {
            struct task *t = fresh_task(state);
            struct password_policy policy = { .min_length = 1, .min_classes = wanted };
            enum outcome o = password_admit(t, "password", text_of(kinds[i].clear), &policy, TEXT(""));

            print_message("  %s, %d\n", kinds[i].clear, (int)wanted);
            assert_problem(t, o, wanted > kinds[i].classes ? "password_needs_classes" : NULL);
            if (o != DONE)
                assert_figure(t, "min", wanted);
        }
}

static const struct {
    struct text clear;
    bool common;
} choices[] = {
#define CHOICE(literal, common) { { (literal), sizeof(literal) - 1 }, common }
    CHOICE("qwerty", true),       CHOICE("QWERTY", true),      CHOICE("qwerty1", true),       CHOICE("Qwerty2024!", true),
    CHOICE("password", true),     CHOICE("password...", true), CHOICE("123456", true),        CHOICE("123456!", true),
    CHOICE("dragon", true),       CHOICE("p@ssw0rd", true),    CHOICE("P@ssw0rd99", true),    CHOICE("#1boss", true),
    CHOICE("さくら", true),       CHOICE("さくら123", true),   CHOICE("1q2w3e4r", true),      CHOICE("1q2w3e4r5", true),
    CHOICE("1234567", false),     CHOICE("qwert", false),      CHOICE("qwertyu", false),      CHOICE("my password", false),
    CHOICE("1password", false),   CHOICE("さくらA", false),    CHOICE("さくら。", false),     CHOICE("#", false),
    CHOICE("", false),            CHOICE("!!!", false),        CHOICE("99", false),           CHOICE("qwerty\0", false),
    CHOICE("qwerty\n", false),    CHOICE("qwerty ", true), CHOICE("\xFFqwerty", false), CHOICE("# the first lines say what this is", false),
    { { NULL, 0 }, false },
};

static void common_passwords_are_known_in_disguise(void **state)
{
    struct task *t = fresh_task(state);
    struct texts list = password_list(t, TEXT(LIST)), empty = password_list(t, TEXT(""));

    assert_int_equal(list.count, 8);
    for (size_t i = 1; i < list.count; i++)
        assert_true(text_compare(list.items[i - 1], list.items[i]) < 0);
    for (size_t i = 0; i < COUNT(choices); i++) {
        print_message("  %.*s\n", (int)choices[i].clear.length, choices[i].clear.at ? choices[i].clear.at : "");
        assert_int_equal(password_is_common(t, &list, choices[i].clear), choices[i].common);
        assert_false(password_is_common(t, &empty, choices[i].clear));
    }
    assert_false(password_is_common(t, &list, repeated(t, '9', 1000000)));
}

static struct text shipped_list(struct task *t)
{
    FILE *file = fopen(SHIPPED_LIST, "re");
    size_t room = 1 << 20;
    char *at = task_alloc(t, room);
    struct text whole;

    assert_non_null(file);
    whole = (struct text){ at, fread(at, 1, room, file) };
    fclose(file);
    assert_true(whole.length < room);
    return whole;
}

static void the_shipped_list_is_in_order(void **state)
{
    static const char *const common[] = {
        "123456", "Password1!", "qwerty123", "iloveyou", "1q2w3e4r", "sakura2024", "himitsu", "nihon", "doraemon",
        "aiueo", "Pasuwado1", "postmaster", "Webmaster!", "mailadmin", "January2024", "さくら1", "パスワード", "p@ssw0rd",
    };
    static const char *const fine[] = {
        "correct horse 1", "secret-Pass1", "reeve of the house", "tsuki no usagi 7", "Bleibt-alles-anders-9", "k7#mQ2vx",
    };
    struct task *t = fresh_task(state);
    struct text rest = shipped_list(t);
    struct texts list = password_list(t, rest);
    size_t same = 0;

    assert_true(text_is_utf8(rest));
    assert_true(list.count >= 1500);
    while (rest.length) { /* each line stands where sorting puts it, in the form that is compared */
        size_t end = text_find(rest, '\n');
        struct text line = text_part(rest, 0, end);

        assert_int_not_equal(end, TEXT_NOT_FOUND);
        if (same < list.count && text_equal(line, list.items[same]))
            same++;
        else if (!text_starts(line, TEXT("#")))
            fail_msg("\"%.*s\" is out of order, not in small letters, or there twice", (int)line.length, line.at);
        rest = text_part(rest, end + 1, rest.length);
    }
    assert_int_equal(same, list.count);
    for (size_t i = 0; i < COUNT(common); i++)
        if (!password_is_common(t, &list, text_of(common[i])))
            fail_msg("%s is not in it", common[i]);
    for (size_t i = 0; i < COUNT(fine); i++)
        if (password_is_common(t, &list, text_of(fine[i])))
            fail_msg("%s is in it", fine[i]);
}

static void any_octets_are_a_list(void **state)
{
    static const struct {
        struct text file;
        size_t count;
    } cases[] = {
        { { NULL, 0 }, 0 },     { { "", 0 }, 0 },          { { "\n\n\n", 3 }, 0 }, { { "#", 1 }, 0 },       { { "# ", 2 }, 0 },
        { { "##", 2 }, 1 },     { { "a\0b\na\0b\n", 8 }, 1 }, { { "\xFF\n\xFE", 3 }, 2 }, { { " \t\r\n", 4 }, 0 }, { { "b\na", 3 }, 2 },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(password_list(fresh_task(state), cases[i].file).count, cases[i].count);
}

static void password_admit_refuses_common_ones(void **state)
{
    struct task *t = fresh_task(state);
    struct password_policy policy = { 6, 1, password_list(t, TEXT(LIST)) };

    assert_problem(t, password_admit(t, "password", TEXT("uncommon one"), &policy, TEXT("")), NULL);
    assert_problem(t, password_admit(t, "password", TEXT("Dragon12"), &policy, TEXT("")), "password_too_common");
}

static void what_is_made_satisfies_any_policy(void **state)
{
    static const char ambiguous[] = "0O1lI";
    bool seen[128] = { false };
    int different = 0;

    for (size_t length = 0; length <= 64; length++) {
        struct task *t = fresh_task(state);
        size_t count = length > PASSWORD_GENERATED_MIN ? length : PASSWORD_GENERATED_MIN;
        struct password_policy strictest = { (int64_t)count, PASSWORD_CLASSES, password_list(t, TEXT(LIST)) };
        struct text made = password_generate(t, length);

        assert_int_equal(made.length, count);
        assert_problem(t, password_admit(t, "password", made, &strictest, TEXT("taro@example.org")), NULL);
        assert_false(text_equal(made, password_generate(t, length)));
        for (size_t i = 0; i < made.length; i++) {
            assert_null(strchr(ambiguous, made.at[i]));
            seen[(unsigned char)made.at[i] & 127] = true;
        }
    }
    for (size_t i = 0; i < COUNT(seen); i++)
        different += seen[i];
    assert_int_equal(different, 25 + 24 + 8 + 5); /* the whole alphabet: some 2,000 characters leave none out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(password_admit_asks_for_enough),
        TASK_TEST(password_admit_knows_its_bounds),
        TASK_TEST(password_admit_counts_kinds_of_characters),
        TASK_TEST(common_passwords_are_known_in_disguise),
        TASK_TEST(the_shipped_list_is_in_order),
        TASK_TEST(any_octets_are_a_list),
        TASK_TEST(password_admit_refuses_common_ones),
        TASK_TEST(what_is_made_satisfies_any_policy),
    };

    secret_start();
    return cmocka_run_group_tests_name("password policy", tests, NULL, NULL);
}
