/* tests/lookup/test_question.c - the table of questions, its dialects, and which keys can have an answer */
#include "support/support.h"

#include "lookup/question.h"

#include <string.h>

/* Every daemon would take a '%' for an escape, and a line's end for the end of the query. */
static void questions_can_be_written_for_any_daemon(void **state)
{
    (void)state;
    for (const struct question *q = questions; q->map; q++) {
        print_message("  %s\n", q->map);
        assert_null(strpbrk(q->sql, "%\n\\#\""));
        assert_true(strlen(q->doc) > 0);
        assert_ptr_equal(question_named(text_of(q->map)), q);
    }
    assert_null(question_named(TEXT("virtual_mailbox")));
}

static const struct asked settings = { .base = { "/var/vmail", 10 }, .uid = 10000, .gid = 10001,
                                       .limit = 51200000, .multiplier = 1024000 };

static void assert_no_name_is_left(struct task *t, const char *sql)
{
    for (size_t i = 0; i < asked_shape.count; i++)
        assert_null(strstr(sql, task_printf(t, ":%s", asked_shape.fields[i].name).at));
}

static struct text asked_as(struct task *t, enum asker asker, const char *sql)
{
    const struct question q = { .map = "x", .asker = asker, .sql = sql };

    return question_text(t, &q, &settings);
}

static void names_become_the_daemons_escapes(void **state)
{
    static const struct { enum asker asker; const char *sql, *expected; } cases[] = {
        { ASKED_BY_POSTFIX, "a = :key", "a = '%s'" },
        { ASKED_BY_POSTFIX, ":domain, :key", "'%d', '%s'" },
        { ASKED_BY_POSTFIX, "x = :local_part.", "x = LEFT('%s', CHAR_LENGTH('%s') - CHAR_LENGTH('%d') - 1)." },
        { ASKED_BY_CYRUS, "LOWER(:key) :local_part :domain", "LOWER('%u@%r') '%u' '%r'" },
        { ASKED_BY_DOVECOT_24, "LOWER(:key) :local_part :domain :service",
          "LOWER('%{user}') '%{user | username}' '%{user | domain}' '%{protocol}'" },
        { ASKED_BY_DOVECOT, ":key :local_part :domain :service", "'%u' '%n' '%d' '%s'" },
        { ASKED_BY_DOVECOT, "CONCAT(:base, '/'), :uid, :gid", "CONCAT('/var/vmail', '/'), 10000, 10001" },
        { ASKED_BY_COURIER, "LOWER(:key) :local_part :domain :service :selector",
          "LOWER('$(local_part)@$(domain)') '$(local_part)' '$(domain)' '$(service)' ''" },
        { ASKED_BY_POSTFIX, ":limit / :multiplier", "51200000 / 1024000" },
        { ASKED_BY_POSTFIX, "'maildir:key', ''", "'maildir:key', ''" },
        { ASKED_BY_POSTFIX, "", "" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);

        print_message("  %s\n", cases[i].sql);
        assert_text(asked_as(t, cases[i].asker, cases[i].sql), cases[i].expected);
    }
}

/* Who tries a log-in at Dovecot's port for that wants to send; no other daemon says to which port somebody came. */
static void a_port_can_stand_for_sending(void **state)
{
    static const struct { enum asker asker; const char *expected; } cases[] = {
        { ASKED_BY_DOVECOT, "IF('%a' = '10143', 'smtp', '%s')" },
        { ASKED_BY_COURIER, "'$(service)'" },
        { ASKED_BY_CYRUS, "'smtp'" },
    };
    struct asked a = settings;

    a.sending_port = 10143;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct question q = { .map = "x", .asker = cases[i].asker, .sql = ":service" };

        assert_text(question_text(fresh_task(state), &q, &a), cases[i].expected);
    }
}

/* A name that is left over would reach the daemon as it is. */
static void whole_questions_are_written_without_a_name(void **state)
{
    for (const struct question *q = questions; q->map; q++) {
        struct text sql = question_text(fresh_task(state), q, &settings);

        print_message("  %s\n", q->map);
        assert_no_name_is_left(*state, sql.at);
        if (q->asker == ASKED_BY_DOVECOT)
            assert_no_name_is_left(*state, question_text_for(*state, q, ASKED_BY_DOVECOT_24, &settings).at);
    }
}

/* %u and %n would leave the query out for "@domain", and the catch-all of an alias domain with it. */
static void postfix_is_never_given_an_escape_for_the_local_part(void **state)
{
    for (const struct question *q = questions; q->map; q++)
        if (q->asker == ASKED_BY_POSTFIX)
            assert_null(strstr(question_text(fresh_task(state), q, &settings).at, "%u"));
}

static void keys_are_folded_or_nobodys(void **state)
{
    static const struct { const char *map, *key, *whole, *local_part, *domain; } cases[] = {
        { "virtual_mailbox_domains", "Example.JP", "example.jp", NULL, "example.jp" },
        { "virtual_mailbox_domains", "\xE4\xBE\x8B\xE3\x81\x88.jp", "xn--r8jz45g.jp", NULL, "xn--r8jz45g.jp" },
        { "virtual_mailbox_domains", "taro@example.jp", NULL, NULL, NULL },
        { "virtual_mailbox_domains", "*", NULL, NULL, NULL },
        { "virtual_mailbox_domains", "", NULL, NULL, NULL },
        { "virtual_alias_maps", "Info@Example.JP", "info@example.jp", "info", "example.jp" },
        { "virtual_alias_maps", "@example.jp", "@example.jp", "", "example.jp" },
        { "virtual_alias_maps", "taro+tag@example.jp", "taro+tag@example.jp", "taro+tag", "example.jp" },
        { "virtual_alias_maps", "\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp", "a..b", "docomo.ne.jp" },
        { "virtual_alias_maps", "a..b@docomo.ne.jp", "a..b@docomo.ne.jp", "a..b", "docomo.ne.jp" },
        { "virtual_alias_maps", "root", NULL, NULL, NULL },
        { "virtual_alias_maps", "a\nb@example.jp", NULL, NULL, NULL },
        { "virtual_alias_maps", "a'b@example.jp", "a'b@example.jp", "a'b", "example.jp" },
        { "virtual_alias_maps", "\xFF\xFE@example.jp", NULL, NULL, NULL },
        { "transport_maps", "Taro@Example.JP", "taro@example.jp", "taro", "example.jp" },
        { "transport_maps", "Example.JP", "example.jp", NULL, "example.jp" },
        { "transport_maps", ".Example.JP", ".example.jp", NULL, ".example.jp" },
        { "transport_maps", "*", "*", NULL, "*" },
        { "transport_maps", "*.jp", NULL, NULL, NULL },
        { "transport_maps", ".", NULL, NULL, NULL },
        { "check_sender_access", "Taro@", "taro@", "taro", "" },
        { "check_sender_access", "example.jp", "example.jp", NULL, "example.jp" },
        { "check_sender_access", "*", NULL, NULL, NULL },
        { "check_sender_access", "@", NULL, NULL, NULL },
        { "relay_recipient_maps", "@Backup.JP", "@backup.jp", "", "backup.jp" },
        { "sender_dependent_relayhost_maps", "<>", NULL, NULL, NULL },
        { "smtp_sasl_password_maps", "[Smart.Example.JP]:0587", "[smart.example.jp]:587", NULL, "[smart.example.jp]:587" },
        { "smtp_sasl_password_maps", "[2001:DB8::1]:25", "[2001:db8::1]:25", NULL, "[2001:db8::1]:25" },
        { "smtp_sasl_password_maps", "Taro@Example.JP", "taro@example.jp", "taro", "example.jp" },
        { "smtp_sasl_password_maps", "[a]:b", NULL, NULL, NULL },
        { "smtp_sasl_password_maps", "smart.example.jp", NULL, NULL, NULL },
        { "sasl_auxprop", "Taro@Example.jp", "taro@example.jp", "taro", "example.jp" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct asked a = { 0 };
        bool can = question_key(t, question_named(text_of(cases[i].map)), text_of(cases[i].key), &a);

        print_message("  %s %s\n", cases[i].map, cases[i].key);
        assert_int_equal(can, cases[i].whole != NULL);
        if (!can)
            continue;
        assert_text(a.key, cases[i].whole);
        assert_text(a.local_part, cases[i].local_part);
        assert_text(a.domain, cases[i].domain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(questions_can_be_written_for_any_daemon),
        TASK_TEST(names_become_the_daemons_escapes),
        TASK_TEST(a_port_can_stand_for_sending),
        TASK_TEST(whole_questions_are_written_without_a_name),
        TASK_TEST(postfix_is_never_given_an_escape_for_the_local_part),
        TASK_TEST(keys_are_folded_or_nobodys),
    };

    return cmocka_run_group_tests_name("lookup/question", tests, NULL, NULL);
}
