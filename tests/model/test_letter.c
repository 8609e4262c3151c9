/* tests/model/test_letter.c - templates of letters: what is filled in, and that no value makes a header or a placeholder */
#include "support/support.h"

#include "model/letter.h"

#include <string.h>

static const struct letter_value values[] = {
    { "address", { "taro@example.jp", 15 } },
    { "display_name", { "x\r\nBcc: all@example.jp {address}", 32 } },
};

static const struct { const char *pattern, *text, *line; } fills[] = {
    { "", "", "" },
    { "no place", "no place", "no place" },
    { "{address}{address}", "taro@example.jptaro@example.jp", "taro@example.jptaro@example.jp" },
    { "to {address}.", "to taro@example.jp.", "to taro@example.jp." },
    { "{unknown} {", "{unknown} {", "{unknown} {" },
    { "{{address}}", "{taro@example.jp}", "{taro@example.jp}" },
    { "{}", "{}", "{}" },
    { "Hello {display_name}", "Hello x\r\nBcc: all@example.jp {address}", "Hello x  Bcc: all@example.jp {address}" },
};

static void values_go_in_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fills); i++) {
        struct task *t = task_open();

        print_message("  %s\n", fills[i].pattern);
        assert_text(letter_fill(t, text_of(fills[i].pattern), values, COUNT(values)), fills[i].text);
        assert_text(letter_fill_line(t, text_of(fills[i].pattern), values, COUNT(values)), fills[i].line);
        task_close(t);
    }
}

static const struct { const char *file, *wrong, *subject, *body; } files[] = {
    { "Subject: Hello {address}\n\nDear one,\nwelcome.\n", NULL, "Hello {address}", "Dear one,\nwelcome." },
    { "Subject:x\r\n\r\ny\r\n", NULL, "x", "y" },
    { "Hello\n\nDear one", "does not begin with \"Subject:\"", NULL, NULL },
    { "Subject:\n\nDear one", "has no subject, or no text", NULL, NULL },
    { "Subject: x", "has no subject, or no text", NULL, NULL },
    { "Subject: \xff\n\nx", "is not UTF-8, or holds control characters", NULL, NULL },
    { "Subject: x\n\n\x1b[2J", "is not UTF-8, or holds control characters", NULL, NULL },
    { "", "does not begin with \"Subject:\"", NULL, NULL },
};

static void files_say_what_is_wrong_with_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct letter_template found = { 0 };
        const char *wrong = letter_template_read(text_of(files[i].file), &found);

        if (files[i].wrong) {
            assert_string_equal(wrong, files[i].wrong);
            continue;
        }
        assert_null(wrong);
        assert_text(found.subject, files[i].subject);
        assert_text(found.body, files[i].body);
    }
}

/* What is shipped names no placeholder that nobody fills in. */
static void what_is_shipped_is_filled_in_whole(void **state)
{
    static const char *const names[] = { "address", "display_name", "domain", "link", "minutes", "percent" };
    struct letter_value all[COUNT(names)];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        all[i] = (struct letter_value){ names[i], TEXT("value") };
    for (int kind = 0; kind < LETTER_KINDS; kind++)
        for (size_t language = 0; language < LETTER_LANGUAGES; language++) {
            struct letter_template it = letter_builtin((enum letter_kind)kind, language);
            struct task *t = task_open();

            assert_true(it.subject.length && it.body.length);
            assert_int_equal(text_find(letter_fill(t, it.subject, all, COUNT(all)), '{'), TEXT_NOT_FOUND);
            assert_int_equal(text_find(letter_fill(t, it.body, all, COUNT(all)), '{'), TEXT_NOT_FOUND);
            task_close(t);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_in_once),
        cmocka_unit_test(files_say_what_is_wrong_with_them),
        cmocka_unit_test(what_is_shipped_is_filled_in_whole),
    };

    return cmocka_run_group_tests_name("model/letter", tests, NULL, NULL);
}
