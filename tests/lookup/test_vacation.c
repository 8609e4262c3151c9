/* tests/lookup/test_vacation.c - who is answered while somebody is away, once, and what a crash leaves behind; on a private
 * MariaDB (POSTREEVE_TEST_SOCKET) as the account postfix, with a peer that takes letters or does not */
#include "support/support.h"

#include "base/clock.h"
#include "lookup/incoming.h"
#include "lookup/vacation.h"
#include "outside/outside.h"
#include "outside/peer.h"
#include "store/scratch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TARGET "taro#a.example@auto.example"
#define HEAD(to) "From: hana@far.test\nTo: " to "\nSubject: Hello\nMessage-ID: <1@far.test>\n\n"
#define PLAIN HEAD("taro@a.example")

static const struct peer_row nothing[] = { { NULL, NULL } };

static int make_tables(void **state)
{
    struct scratch *s = scratch_migrated();

    scratch_run(s, "CREATE USER IF NOT EXISTS postreeve@localhost, postfix@localhost");
    scratch_run_file(s, POSTREEVE_SOURCE "/sql/grants.sql");
    scratch_run(s,
                "INSERT INTO domain (domain) VALUES ('a.example'), ('alias.example'), ('other.example'), ('hy-phen.example');"
                "INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('alias.example', 'a.example');"
                "INSERT INTO mailbox (username, password, name, maildir, local_part, domain) VALUES"
                " ('taro@a.example', 'x', '山田 \"太郎\"', 'a.example/taro/', 'taro', 'a.example'),"
                " ('hana@a.example', 'x', '', 'a.example/hana/', 'hana', 'a.example'),"
                " ('a..b@a.example', 'x', '', 'a.example/ab/', 'a..b', 'a.example'),"
                " ('taro@hy-phen.example', 'x', '', 'x/', 'taro', 'hy-phen.example');"
                "INSERT INTO alias (address, goto, domain) VALUES"
                " ('taro@a.example', '" TARGET ",taro@a.example', 'a.example'),"
                " ('hana@a.example', 'taro@a.example,hana@a.example', 'a.example'),"
                " ('info@a.example', 'hana@a.example,taro@a.example', 'a.example'),"
                " ('team@a.example', 'info@a.example', 'a.example'),"
                " ('loop@a.example', 'pool@a.example', 'a.example'), ('pool@a.example', 'loop@a.example', 'a.example'),"
                " ('@other.example', 'taro@a.example', 'other.example'),"
                " ('own@other.example', 'own@far.test', 'other.example');"
                "INSERT INTO vacation (email, subject, body, cache, domain, interval_time) VALUES"
                " ('taro@a.example', '不在: $SUBJECT', '来週まで不在です。', '', 'a.example', 3600),"
                " ('a..b@a.example', '', 'Away.', '', 'a.example', 3600),"
                " ('taro@hy-phen.example', 'Away', 'Away.', '', 'hy-phen.example', 3600)");
    *state = s;
    incoming_start();
    return outside_start() == DONE ? 0 : 1;
}

static int drop_tables(void **state)
{
    outside_stop();
    incoming_stop();
    scratch_close(*state);
    return 0;
}

static struct config config_of(const struct scratch *s, const struct peer *p)
{
    return (struct config){
        .lookup = { .socket = text_of(s->socket), .name = text_of(s->name), .user = TEXT("postfix"), .password = TEXT(""),
                    .connect_seconds = 5, .read_seconds = 60, .write_seconds = 30 },
        .quota = { .multiplier = 1024000 },
        .mail = { .vacation_domain = TEXT("auto.example"), .recipient_delimiter = TEXT("+-") },
        .letters = { .smtp_host = TEXT("127.0.0.1"), .smtp_port = peer_port(p), .tls = TEXT("none"),
                     .helo = TEXT("mail.a.example"), .timeout_seconds = 20 },
    };
}

static struct peer *peer_with(const struct peer_row *rows)
{
    struct peer_plan plan = { .rows = rows, .usual = smtp_rows };

    return peer_open(&plan);
}

static enum outcome answer_with(const struct config *c, struct task *t, const char *sender, const char *recipient,
                                const char *head, const char **words)
{
    struct vacation_letter given = { .sender = text_of(sender), .recipient = text_of(recipient), .head = text_of(head) };
    struct text said = TEXT("");
    enum outcome o = vacation_answer(t, c, &given, &said);

    *words = task_c_string(t, said);
    return o;
}

static void forget(struct scratch *s)
{
    scratch_run(s, "DELETE FROM vacation_notification");
}

/* ---- who is answered ---- */

#define OWN "not answered: it is from the mailbox itself"
#define NOT_NAMED "not answered: it names neither the mailbox nor an alias of it"
#define ROBOT "not answered: its sender is a robot"
#define YES "answered: 250 2.0.0 Ok: queued as 4F1"

static const struct {
    const char *sender, *recipient, *head, *words;
} cases[] = {
    { "hana@far.test", TARGET, PLAIN, YES },
    { "Hana@Far.TEST", "TARO#A.Example@Auto.EXAMPLE", HEAD("Taro@A.Example"), YES },
    { "hana@far.test", TARGET, HEAD("x@far.test\nCc: taro@a.example"), YES },
    { "hana@far.test", TARGET, HEAD("taro+list@a.example"), YES },
    { "hana@far.test", "taro#a.example+list@auto.example", HEAD("taro+list@a.example"), YES },
    { "hana@far.test", "taro#a.example-list-x@auto.example", HEAD("taro-list-x@a.example"), YES },
    { "hana@far.test", "taro#hy-phen.example@auto.example", HEAD("taro@hy-phen.example"), YES },
    { "hana@far.test", "taro#hy-phen.example-list@auto.example", HEAD("taro-list@hy-phen.example"), YES },
    { "hana@far.test", "\"a..b#a.example\"@auto.example", HEAD("\"a..b\"@a.example"), YES },
    { "\"a..b\"@docomo.ne.jp", TARGET, PLAIN, YES },
    { "hana@far.test", TARGET, HEAD("info@a.example"), YES },
    { "hana@far.test", TARGET, HEAD("team@a.example"), YES },
    { "hana@far.test", TARGET, HEAD("taro@alias.example"), YES },
    { "hana@far.test", TARGET, HEAD("team+x@alias.example"), YES },
    { "hana@far.test", TARGET, HEAD("anybody@other.example"), YES },
    { "hana@far.test", TARGET, HEAD("x@far.test\nResent-To: taro@a.example"), YES },
    { "hana@a.example", TARGET, HEAD("taro@a.example"), YES }, /* she sends her letters on to him, and is not him */
    { "hana@far.test", TARGET, HEAD("own@other.example"), NOT_NAMED },
    { "hana@far.test", TARGET, HEAD("hana@a.example"), NOT_NAMED },
    { "hana@far.test", TARGET, HEAD("loop@a.example"), NOT_NAMED },
    { "hana@far.test", TARGET, HEAD("nobody@a.example"), NOT_NAMED },
    { "hana@far.test", TARGET, HEAD("undisclosed-recipients:;"), NOT_NAMED },
    { "hana@far.test", TARGET, "Subject: x\n\n", NOT_NAMED },
    { "hana@far.test", TARGET, HEAD(TARGET), NOT_NAMED },
    { "hana@far.test", TARGET, "", NOT_NAMED },
    { "", TARGET, PLAIN, "not answered: it has no sender" },
    { "MAILER-DAEMON", TARGET, PLAIN, "not answered: its sender is no address" },
    { "MAILER-DAEMON@far.test", TARGET, PLAIN, ROBOT },
    { "owner-list@far.test", TARGET, PLAIN, ROBOT },
    { "list-request@far.test", TARGET, PLAIN, ROBOT },
    { "list-bounces+taro=a.example@far.test", TARGET, PLAIN, ROBOT },
    { "No-Reply@far.test", TARGET, PLAIN, ROBOT },
    { "postmaster@far.test", TARGET, PLAIN, ROBOT },
    { "taro@a.example", TARGET, PLAIN, OWN },
    { "taro+x@a.example", TARGET, PLAIN, OWN },
    { "taro@alias.example", TARGET, PLAIN, OWN },
    { "team@a.example", TARGET, PLAIN, OWN },
    { "far@far.test", TARGET, "From: taro@a.example\nTo: taro@a.example\n\n", OWN },
    { "hana@far.test", TARGET, "List-Id: <x>\n" PLAIN, "not answered: List-Id: <x>" },
    { "hana@far.test", TARGET, "Auto-Submitted: auto-replied\n" PLAIN, "not answered: Auto-Submitted: auto-replied" },
    { "hana@far.test", "hana#a.example@auto.example", HEAD("hana@a.example"), "not answered: nobody is away" },
    { "hana@far.test", "nobody#a.example@auto.example", PLAIN, "not answered: nobody is away" },
    { "hana@far.test", "nothing@auto.example", PLAIN, "not answered: nobody is away" },
    { "hana@far.test", "#@auto.example", PLAIN, "not answered: nobody is away" },
    { "hana@far.test", "taro#@auto.example", PLAIN, "not answered: nobody is away" },
};

static void letters_that_are_answered_and_others(void **state)
{
    struct scratch *s = *state;
    struct peer *p = peer_with(nothing);
    struct config c = config_of(s, p);
    int sent = 0;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = task_open();
        const char *words;

        print_message("  %zu: %s to %s\n", i, cases[i].sender, cases[i].recipient);
        forget(s);
        assert_int_equal(answer_with(&c, t, cases[i].sender, cases[i].recipient, cases[i].head, &words), DONE);
        assert_string_equal(words, cases[i].words);
        assert_null(task_problems(t));
        sent += strcmp(cases[i].words, YES) == 0;
        assert_int_equal(scratch_number(s, "SELECT COUNT(*) FROM vacation_notification WHERE stage = 2"),
                         strcmp(cases[i].words, YES) == 0);
        task_close(t);
    }
    peer_stop(p);
    assert_int_equal(peer_connections(p), sent);
    assert_non_null(strstr(peer_heard(p), "RCPT TO:<\"a..b\"@docomo.ne.jp>"));
    assert_non_null(strstr(peer_heard(p), "RCPT TO:<Hana@far.test>")); /* the local part as it came */
    assert_non_null(strstr(peer_heard(p), "MAIL FROM:<>"));
    assert_null(strstr(peer_heard(p), "MAIL FROM:<t"));
    assert_non_null(strstr(peer_heard(p), "\r\nSubject: Auto: Hello\r\n")); /* whoever is away wrote none */
    peer_close(p);
}

static void a_sender_has_one_answer(void **state)
{
    struct scratch *s = *state;
    struct peer *p = peer_with(nothing);
    struct config c = config_of(s, p);
    struct task *t = task_open();
    const char *words;

    forget(s);
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET, PLAIN, &words), DONE);
    assert_string_equal(words, YES);
    assert_int_equal(answer_with(&c, t, "HANA@far.test", TARGET, HEAD("info@a.example"), &words), DONE);
    assert_string_equal(words, "not answered: its sender has had an answer");
    assert_int_equal(answer_with(&c, t, "jiro@far.test", TARGET, PLAIN, &words), DONE);
    assert_string_equal(words, YES);
    scratch_run(s, "UPDATE vacation_notification SET notified_at = NOW() - INTERVAL 2 HOUR");
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET, HEAD("info@a.example"), &words), DONE);
    assert_string_equal(words, YES);
    task_close(t);
    peer_close(p);
}

/* ---- what goes wrong ---- */

#define HAD "not answered: its sender has had an answer"

/* The first attempt ends so; the same letter a second time, with a server that takes it, ends so. */
static void a_failure_is_neither_lost_nor_doubled(void **state)
{
    static const struct {
        struct peer_row row;
        enum outcome first;
        const char *words, *then;
    } failures[] = {
        { { "", PEER_HANGS_UP }, RETRY, "not answered yet: ", YES },
        { { "", "421 4.3.2 too busy\r\n" }, RETRY, "not answered yet: 421", YES },
        { { "RCPT", "450 4.2.0 greylisted\r\n" }, RETRY, "not answered yet: 450", YES },
        { { "RCPT", PEER_HANGS_UP }, RETRY, "not answered yet: ", YES },
        { { "RCPT", "554 5.7.1 Relay access denied\r\n" }, RETRY, "not answered yet: 554 5.7.1", YES },
        { { "RCPT", "550 5.1.1 nobody of that name\r\n" }, DONE, "not answered: 550 5.1.1", HAD },
        { { "DATA", PEER_HANGS_UP }, RETRY, "not answered yet: ", YES },
        { { ".", "452 4.3.1 no room\r\n" }, RETRY, "not answered yet: 452", YES },
        { { ".", "554 5.6.0 no\r\n" }, DONE, "not answered: 554", HAD },
        { { ".", PEER_HANGS_UP }, DONE, "answered, perhaps: ", HAD },
    };

    for (size_t i = 0; i < COUNT(failures); i++) {
        const struct peer_row rows[] = { failures[i].row, { NULL, NULL } };
        struct peer *bad = peer_with(rows), *good = peer_with(nothing);
        struct config broken = config_of(*state, bad), mended = config_of(*state, good);
        struct task *t = task_open();
        const char *words;

        print_message("  %s %s\n", failures[i].row.starts, failures[i].words);
        forget(*state);
        assert_int_equal(answer_with(&broken, t, "hana@far.test", TARGET, PLAIN, &words), failures[i].first);
        assert_int_equal(strncmp(words, failures[i].words, strlen(failures[i].words)), 0);
        assert_int_equal(answer_with(&mended, t, "hana@far.test", TARGET, PLAIN, &words), DONE);
        assert_string_equal(words, failures[i].then);
        task_close(t);
        peer_close(bad);
        peer_close(good);
    }
}

static void await_heard(const char *what, struct scratch *s, int stage)
{
    print_message("  waits for %s\n", what);
    scratch_await(s, 1, 20, stage ? "SELECT COUNT(*) FROM vacation_notification WHERE stage = 1"
                                  : "SELECT COUNT(*) FROM vacation_notification WHERE stage = 0");
}

/* A process of its own is ended in the middle by SIGKILL; nothing that it would do at its end is done. */
static void a_killed_program_is_neither_lost_nor_doubled(void **state)
{
    static const struct {
        const char *silent; /* the command that the server does not answer */
        int stage;          /* by which one sees that it was given */
        const char *then;
    } kills[] = {
        { "RCPT", 0, YES },
        { ".", 1, HAD },
    };

    for (size_t i = 0; i < COUNT(kills); i++) {
        const struct peer_row rows[] = { { kills[i].silent, NULL }, { NULL, NULL } };
        struct peer *bad = peer_with(rows), *good = peer_with(nothing);
        struct config broken = config_of(*state, bad), mended = config_of(*state, good);
        struct task *t = task_open();
        const char *words;
        pid_t child;

        forget(*state);
        child = fork();
        if (child == 0) {
            (void)!answer_with(&broken, t, "hana@far.test", TARGET, PLAIN, &words);
            _exit(0);
        }
        await_heard(kills[i].silent, *state, kills[i].stage);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(answer_with(&mended, t, "hana@far.test", TARGET, PLAIN, &words), DONE);
        assert_string_equal(words, kills[i].then);
        /* Another letter of the same sender waits for the first one's answer, or for the interval. */
        assert_int_equal(answer_with(&mended, t, "hana@far.test", TARGET, HEAD("team@a.example"), &words), DONE);
        assert_string_equal(words, HAD);
        task_close(t);
        peer_close(bad);
        peer_close(good);
    }
}

static void what_cannot_be_told_now_is_asked_again(void **state)
{
    struct peer *p = peer_with(nothing);
    struct config fine = config_of(*state, p), c = fine;
    struct task *t = task_open();
    const char *words, *late;

    c.lookup.socket = TEXT("/nonexistent/mysql.sock");
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET, PLAIN, &words), RETRY);
    assert_string_equal(words, "not answered yet: the database cannot tell now");
    c = fine;
    c.lookup.password = TEXT("wrong");
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET, PLAIN, &words), RETRY);
    c = fine;
    c.mail.vacation_domain = TEXT("elsewhere.example");
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET, PLAIN, &words), RETRY);
    assert_int_equal(answer_with(NULL, t, "hana@far.test", TARGET, PLAIN, &words), RETRY);
    assert_string_equal(words, "not answered yet: the configuration cannot be read");

    /* Before Postfix would give the letter back to its sender, who would take it for lost. */
    late = "Received: from far.test by mail.a.example; Mon, 2 Nov 2020 00:00:00 +0000\n" PLAIN;
    assert_int_equal(answer_with(NULL, t, "hana@far.test", TARGET, late, &words), DONE);
    assert_string_equal(words, "not answered, after four days: the configuration cannot be read");
    forget(*state);
    assert_int_equal(answer_with(&fine, t, "hana@far.test", TARGET, late, &words), DONE);
    assert_string_equal(words, YES);
    task_close(t);
    peer_close(p);
}

/* ---- what it says ---- */

static void no_subject_begins_a_header(void **state)
{
    struct peer *p = peer_with(nothing);
    struct config c = config_of(*state, p);
    struct task *t = task_open();
    const char *words;

    forget(*state);
    scratch_run(*state, "UPDATE vacation SET subject = 'Re: $SUBJECT, $SUBJECT' WHERE email = 'taro@a.example'");
    assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET,
                                 "From: hana@far.test\nTo: taro@a.example\nMessage-ID: <x@y>\r\nReferences: <a@b>\n"
                                 "Subject: =?UTF-8?Q?x=0D=0ABcc:_spy@far.test=00?= $SUBJECT\n\n",
                                 &words),
                     DONE);
    assert_string_equal(words, YES);
    peer_stop(p);
    assert_null(strstr(peer_heard(p), "\nBcc:"));
    assert_non_null(strstr(peer_heard(p), "\r\nIn-Reply-To: <x@y>\r\nReferences: <a@b>\r\n <x@y>\r\n"));
    scratch_run(*state, "UPDATE vacation SET subject = '不在: $SUBJECT' WHERE email = 'taro@a.example'");
    task_close(t);
    peer_close(p);
}

static void the_tongue_of_the_letter_is_the_answers(void **state)
{
    static const struct {
        const char *header, *charset;
    } tongues[] = {
        { "Content-Type: text/plain; charset=ISO-2022-JP\n", "charset=ISO-2022-JP\r\n" },
        { "Content-Type: text/plain; charset=UTF-8\n", "charset=UTF-8\r\n" },
        { "X-Emoji: \xf0\x9f\x98\x80\nSubject: =?UTF-8?B?8J+YgA==?=\nContent-Type: text/plain; charset=iso-2022-jp\n",
          "charset=UTF-8\r\n" }, /* what it repeats has no sign there */
    };

    for (size_t i = 0; i < COUNT(tongues); i++) {
        struct peer *p = peer_with(nothing);
        struct config c = config_of(*state, p);
        struct task *t = task_open();
        const char *words;

        forget(*state);
        assert_int_equal(answer_with(&c, t, "hana@far.test", TARGET,
                                     task_printf(t, "From: hana@far.test\nTo: taro@a.example\n%s\n", tongues[i].header).at,
                                     &words), DONE);
        assert_string_equal(words, YES);
        peer_stop(p);
        assert_non_null(strstr(peer_heard(p), tongues[i].charset));
        task_close(t);
        peer_close(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_that_are_answered_and_others),
        cmocka_unit_test(a_sender_has_one_answer),
        cmocka_unit_test(a_failure_is_neither_lost_nor_doubled),
        cmocka_unit_test(a_killed_program_is_neither_lost_nor_doubled),
        cmocka_unit_test(what_cannot_be_told_now_is_asked_again),
        cmocka_unit_test(no_subject_begins_a_header),
        cmocka_unit_test(the_tongue_of_the_letter_is_the_answers),
    };

    return cmocka_run_group_tests_name("lookup/vacation", tests, make_tables, drop_tables);
}
