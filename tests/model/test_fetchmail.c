/* tests/model/test_fetchmail.c - a fetchmailrc whose values stay in their quotes, and passwords old and new */
#include "support/support.h"

#include "model/fetchmail.h"

#include <string.h>

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct fetchmail job(void)
{
    return (struct fetchmail){
        .id = 7, .mailbox = TEXT("taro@example.jp"), .server = TEXT("pop.example.net"), .protocol = TEXT("POP3"),
        .authentication = TEXT("any"), .username = TEXT("taro"), .folder = TEXT(""), .verify_certificate = true,
    };
}

static const struct fetchmail_delivery by_smtp = { false, { "127.0.0.1", 9 }, 25 };

static void a_job_is_three_lines(void **state)
{
    struct task *t = fresh_task(state);
    struct fetchmail f = job();
    struct text rc;

    assert_int_equal(fetchmail_rc(t, &f, TEXT("secret"), &by_smtp, &rc), DONE);
    assert_text(rc, "poll \"pop.example.net\" protocol POP3 auth any timeout 60\n"
                    "  user \"taro\" there with password \"secret\" is \"taro@example.jp\" here\n"
                    "    smtphost \"127.0.0.1\\x2f25\" no fetchall no keep sslcertck\n");
    f.protocol = TEXT("IMAP");
    f.folder = TEXT("In Box");
    f.port = 1993;
    f.fetch_all = f.keep = f.tls = true;
    f.verify_certificate = false;
    f.authentication = TEXT("cram-md5");
    assert_int_equal(fetchmail_rc(t, &f, TEXT(""), &(struct fetchmail_delivery){ true, TEXT("/run/lmtp"), 0 }, &rc), DONE);
    assert_text(rc, "poll \"pop.example.net\" protocol IMAP service 1993 auth cram-md5 timeout 60\n"
                    "  user \"taro\" there is \"taro@example.jp\" here\n"
                    "    smtphost \"\\x2frun\\x2flmtp\" lmtp folder \"In\\x20Box\" fetchall keep ssl no sslcertck\n");
}

/* Whatever a row holds: no quote, no line and no comment of its own comes out, in whichever field it stands. */
static void no_value_leaves_its_quotes(void **state)
{
#define V(octets) { octets, sizeof(octets) - 1 }
    static const struct text values[] = {
        V("a\"b"), V("a\" is \"root\" here"), V("\\"), V("\\\""), V("a\\x22"), V("# x"), V("a b"), V("'"), V("%s"), V("$(id)"),
        V("`id`"), V("パスワード"), V("\xFF\""), V("\" ; preconnect \"touch x"), V("a\tb"), V("a\nb"), V("a\r\nb"), V("a\0b"),
        V("\x7F"), V("\x1B[0m"),
    };

    for (size_t i = 0; i < COUNT(values); i++)
        for (int field = 0; field < 4; field++) {
            struct task *t = fresh_task(state);
            bool control = i >= 14; /* these cannot be in a value at all */
            struct fetchmail f = job();
            struct text *fields[] = { &f.server, &f.username, &f.folder, &f.mailbox }, rc = TEXT("");
            size_t quotes = 0, lines = 0;

            f.protocol = TEXT("IMAP");
            *fields[field] = values[i];
            assert_int_equal(fetchmail_rc(t, &f, field == 0 ? values[i] : TEXT("x"), &by_smtp, &rc), control ? INVALID : DONE);
            for (size_t k = 0; k < rc.length; k++) {
                quotes += rc.at[k] == '"';
                lines += rc.at[k] == '\n';
                assert_true(rc.at[k] == '\n' || (rc.at[k] >= ' ' && rc.at[k] < 0x7F));
                assert_false(strchr("#'`$;%", rc.at[k]) != NULL);
            }
            assert_int_equal(quotes, field == 2 ? 12 : 10);
            assert_int_equal(lines, 3);
        }
}

/* Words without quotes come from a list, whatever the row says. */
static void words_are_from_the_list(void **state)
{
    struct task *t = fresh_task(state);
    struct fetchmail f = job();
    struct text rc;

    f.protocol = TEXT("POP3 preconnect \"x\"");
    assert_int_equal(fetchmail_rc(t, &f, TEXT("x"), &by_smtp, &rc), INVALID);
    f = job();
    f.authentication = TEXT("ssh");
    assert_int_equal(fetchmail_rc(t, &f, TEXT("x"), &by_smtp, &rc), INVALID);
    f = job();
    f.port = 70000;
    assert_int_equal(fetchmail_rc(t, &f, TEXT("x"), &by_smtp, &rc), INVALID);
}

static void passwords_of_both_kinds(void **state)
{
    struct task *t = fresh_task(state);
    struct vault *v = vault_from_key(t, TEXT(KEY_HEX));
    struct fetchmail f = job();
    struct text clear;

    f.stored_password = TEXT("cMOkc3MgIndvcmQi");
    assert_int_equal(fetchmail_password(t, NULL, &f, &clear), DONE);
    assert_text(clear, "päss \"word\"");
    f.stored_password = TEXT("no base64!");
    assert_int_equal(fetchmail_password(t, v, &f, &clear), INVALID);
    assert_int_equal(vault_seal(t, "password", v, VAULT_FETCHMAIL, TEXT("eel"), fetchmail_context(t, 7), &f.stored_password),
                     DONE);
    assert_int_equal(fetchmail_password(t, v, &f, &clear), DONE);
    assert_text(clear, "eel");
    assert_int_equal(fetchmail_password(t, NULL, &f, &clear), INVALID);
    f.id = 8;
    assert_int_equal(fetchmail_password(t, v, &f, &clear), INVALID);
}

static void endings_have_words(void **state)
{
    bool fine;

    (void)state;
    assert_string_equal(fetchmail_ending(0, &fine), "letters were fetched");
    assert_true(fine);
    assert_string_equal(fetchmail_ending(1, &fine), "no letters");
    assert_true(fine);
    assert_string_equal(fetchmail_ending(3, &fine), "the log-in was refused");
    assert_false(fine);
    assert_string_equal(fetchmail_ending(99, &fine), "fetchmail failed");
    assert_false(fine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(a_job_is_three_lines),
        TASK_TEST(no_value_leaves_its_quotes),
        TASK_TEST(words_are_from_the_list),
        TASK_TEST(passwords_of_both_kinds),
        TASK_TEST(endings_have_words),
    };

    return cmocka_run_group_tests_name("fetchmail", tests, NULL, NULL);
}
