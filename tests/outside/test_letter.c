/* tests/outside/test_letter.c - letters on their way: what the server's answer makes of them */
#include "support/support.h"

#include "base/clock.h"
#include "outside/letter.h"
#include "outside/outside.h"
#include "peer.h"

#include <string.h>

static const struct peer_row nothing[] = { { NULL, NULL } };

static struct peer *smtp_peer(const struct peer_row *rows)
{
    struct peer_plan plan = { .rows = rows, .usual = smtp_rows };

    return peer_open(&plan);
}

static struct letter_route route_to(const struct peer *p)
{
    return (struct letter_route){
        .host = TEXT("127.0.0.1"), .port = peer_port(p), .helo = TEXT("mail.example.jp"), .seconds = 20,
    };
}

static struct letter letter_of(void)
{
    return (struct letter){
        .from = TEXT("postmaster@example.jp"), .to = TEXT("taro@example.jp"), .subject = TEXT("ようこそ"),
        .body = TEXT("Hello\n.\n.hidden\nBye"), .message_id = TEXT("1@example.jp"),
    };
}

static void a_letter_arrives_as_it_was_written(void **state)
{
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(nothing);
    struct letter_route r = route_to(p);
    struct letter l = letter_of();
    struct text words, message;

    l.envelope_from = TEXT("bounce@example.jp");
    assert_int_equal(letter_send(t, &r, &l, &words), DONE);
    assert_text(words, "250 2.0.0 Ok: queued as 4F1");
    assert_int_equal(letter_compose(t, &l, &message), DONE);
    peer_stop(p);
    assert_text(text_of(peer_heard(p)),
                task_printf(t, "EHLO mail.example.jp\r\nMAIL FROM:<bounce@example.jp> SIZE=%zu\r\nRCPT TO:<taro@example.jp>\r\n"
                               "DATA\r\n%.*sHello\r\n..\r\n..hidden\r\nBye\r\n.\r\nQUIT\r\n",
                            message.length, (int)(message.length - strlen("Hello\r\n.\r\n.hidden\r\nBye\r\n")), message.at).at);
    peer_close(p);
}

static void an_answer_decides(void **state)
{
    static const struct {
        struct peer_row row;
        enum outcome o;
        const char *words;
    } cases[] = {
        { { "RCPT", "550-5.1.1 nobody of that name\r\n550 5.1.1 lives here\r\n" }, INVALID, "550 5.1.1 nobody of that name 5.1.1 lives here" },
        { { "RCPT", "450 4.2.0 greylisted\r\n" }, RETRY, "450 4.2.0 greylisted" },
        { { "RCPT", "421 4.3.2 closing\r\n" }, RETRY, "421 4.3.2 closing" },
        { { "MAIL", "553 5.7.1 not yours\r\n" }, INVALID, "553 5.7.1 not yours" },
        { { "MAIL", "530 5.7.0 Authentication required\r\n" }, RETRY, "530 5.7.0 Authentication required" },
        { { "MAIL", "451 4.3.0 later\r\n" }, RETRY, "451 4.3.0 later" },
        { { "DATA", "554 5.5.1 no valid recipients\r\n" }, INVALID, "554 5.5.1 no valid recipients" },
        { { ".", "554 5.7.1 looks like spam\r\n" }, INVALID, "554 5.7.1 looks like spam" },
        { { ".", "452 4.3.1 no room\r\n" }, RETRY, "452 4.3.1 no room" },
        { { "", "554 5.3.2 no service here\r\n" }, RETRY, "554 5.3.2 no service here" },
        { { "", "421 4.3.2 too busy\r\n" }, RETRY, "421 4.3.2 too busy" },
        { { "RCPT", "550 \x1b[31m\xff red\r\n" }, INVALID, "550 ?[31m? red" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = { cases[i].row, { NULL, NULL } };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(p);
        struct letter l = letter_of();
        struct text words;
        enum outcome o = letter_send(t, &r, &l, &words);

        print_message("  %s %s", cases[i].row.starts, cases[i].row.answer);
        assert_int_equal(o, cases[i].o);
        assert_text(words, cases[i].words);
        assert_null(task_problems(t));
        peer_close(p);
    }
}

static void a_server_that_goes_or_says_nothing(void **state)
{
    static const struct peer_row cases[] = {
        { "", NULL },  { "", PEER_HANGS_UP },  { "EHLO", NULL }, { "RCPT", NULL }, { "RCPT", PEER_HANGS_UP },
        { "DATA", PEER_HANGS_UP }, { ".", NULL }, { ".", PEER_HANGS_UP },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = { cases[i], { NULL, NULL } };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(p);
        struct letter l = letter_of();
        int64_t began = clock_monotonic_ms();
        struct text words;

        print_message("  %s %s\n", cases[i].starts, cases[i].answer ? "gone" : "silent");
        r.seconds = 1;
        assert_int_equal(letter_send(t, &r, &l, &words), RETRY);
        assert_true(words.length > 0);
        assert_true(clock_monotonic_ms() - began < 10000);
        peer_close(p);
    }
}

/* ---- what the handover tells ---- */

struct note {
    int begun;
    bool refuses;
};

static bool note_it(void *context)
{
    struct note *n = context;

    n->begun++;
    return !n->refuses;
}

static void a_handover_tells_whether_the_letter_may_have_arrived(void **state)
{
    static const struct {
        struct peer_row row;
        bool refuses;
        enum outcome o;
        int begun;
        bool in_doubt;
    } cases[] = {
        { { NULL, NULL }, false, DONE, 1, false },
        { { NULL, NULL }, true, RETRY, 1, false },
        { { "", PEER_HANGS_UP }, false, RETRY, 0, false },
        { { "RCPT", "450 4.2.0 greylisted\r\n" }, false, RETRY, 0, false },
        { { "RCPT", PEER_HANGS_UP }, false, RETRY, 0, false },
        { { "DATA", "451 4.3.0 later\r\n" }, false, RETRY, 0, false },
        { { "DATA", PEER_HANGS_UP }, false, RETRY, 0, false },
        { { ".", "452 4.3.1 no room\r\n" }, false, RETRY, 1, false },
        { { ".", "554 5.7.1 looks like spam\r\n" }, false, INVALID, 1, false },
        { { ".", PEER_HANGS_UP }, false, RETRY, 1, true },
        { { ".", NULL }, false, RETRY, 1, true },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = { cases[i].row, { NULL, NULL } };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(p);
        struct note note = { 0, cases[i].refuses };
        struct letter_handover handover = { note_it, &note, false };
        struct letter l = letter_of();
        struct text words;

        print_message("  %zu\n", i);
        r.seconds = cases[i].row.starts && !cases[i].row.answer ? 1 : 20;
        l.handover = &handover;
        assert_int_equal(letter_send(t, &r, &l, &words), cases[i].o);
        assert_int_equal(note.begun, cases[i].begun);
        assert_int_equal(handover.in_doubt, cases[i].in_doubt);
        peer_stop(p);
        if (cases[i].refuses)
            assert_null(strstr(peer_heard(p), "\r\n.\r\n"));
        peer_close(p);
    }
}

static void nobody_there(void **state)
{
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(nothing);
    struct letter_route r = route_to(p);
    struct letter l = letter_of();
    struct text words;

    peer_close(p); /* its port is free again */
    assert_int_equal(letter_send(t, &r, &l, &words), RETRY);
    assert_non_null(strstr(task_c_string(t, words), "127.0.0.1"));
    r.host = TEXT("nowhere.invalid");
    assert_int_equal(letter_send(t, &r, &l, &words), RETRY);
    assert_non_null(strstr(task_c_string(t, words), "nowhere.invalid"));
}

static void starttls_or_no_letter(void **state)
{
    static const struct peer_row cases[] = {
        { "EHLO", "250-peer.test\r\n250 8BITMIME\r\n" },
        { "STARTTLS", "454 4.7.0 TLS not available\r\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = {
            cases[i], { "EHLO", "250-peer.test\r\n250 STARTTLS\r\n" }, { NULL, NULL },
        };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(p);
        struct letter l = letter_of();
        struct text words;

        r.tls = LETTER_TLS_STARTTLS;
        assert_int_equal(letter_send(t, &r, &l, &words), RETRY);
        assert_true(words.length > 0);
        peer_stop(p);
        assert_null(strstr(peer_heard(p), "MAIL"));
        peer_close(p);
    }
}

/* ---- log-in; "AGhhbmEAczNjcmV0LXdvcmQ=" is hana's user and password as AUTH PLAIN sends them ---- */

static void a_password_goes_to_the_server_and_nowhere_else(void **state)
{
    static const struct {
        struct peer_row row;
        enum outcome o;
        const char *words;
    } cases[] = {
        { { "secret", "235 2.7.0 welcome\r\n" }, DONE, "250 2.0.0 Ok: queued as 4F1" },
        { { "secret", "535 5.7.8 wrong\r\n" }, RETRY, "535 5.7.8 wrong" },
        { { "secret", "500 unknown command AGhhbmEAczNjcmV0LXdvcmQ=\r\n" }, RETRY,
          "500 (an answer that repeats the password is not shown)" },
        { { "secret", "535 s3cret-word is wrong\r\n" }, RETRY,
          "535 (an answer that repeats the password is not shown)" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = { cases[i].row, { NULL, NULL } };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(p);
        struct letter l = letter_of();
        struct text words;

        r.user = TEXT("hana");
        r.password = TEXT("s3cret-word");
        assert_int_equal(letter_send(t, &r, &l, &words), cases[i].o);
        assert_text(words, cases[i].words);
        peer_stop(p);
        assert_non_null(strstr(peer_heard(p), "AGhhbmEAczNjcmV0LXdvcmQ=\r\n"));
        peer_close(p);
    }
}

static void refused_without_a_log_in_is_not_for_good(void **state)
{
    static const struct peer_row rows[] = {
        { "EHLO", "250 peer.test\r\n" }, { "RCPT", "554 5.7.1 Relay access denied\r\n" }, { NULL, NULL },
    };
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(rows);
    struct letter_route r = route_to(p);
    struct letter l = letter_of();
    struct text words;

    r.user = TEXT("hana");
    r.password = TEXT("s3cret-word");
    assert_int_equal(letter_send(t, &r, &l, &words), RETRY);
    assert_text(words, "554 5.7.1 Relay access denied");
    peer_close(p);
}

/* ---- many on one line ---- */

static void one_line_carries_many(void **state)
{
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(nothing);
    struct letter_route r = route_to(p);
    struct letter l = letter_of();
    struct letter_line *line;
    struct text words;

    assert_int_equal(letter_line_open(t, &r, &line), DONE);
    for (int i = 0; i < 20; i++)
        assert_int_equal(letter_line_send(line, t, &l, &words), DONE);
    letter_line_close(line);
    peer_stop(p);
    assert_int_equal(peer_connections(p), 1);
    peer_close(p);
}

static void a_refusal_leaves_the_line_usable(void **state)
{
    static const struct peer_row rows[] = {
        { "RCPT TO:<nobody@", "550 5.1.1 unknown\r\n" }, { "RCPT TO:<away@", PEER_HANGS_UP }, { NULL, NULL },
    };
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(rows);
    struct letter_route r = route_to(p);
    struct letter l = letter_of();
    struct letter_line *line;
    struct text words;

    assert_int_equal(letter_line_open(t, &r, &line), DONE);
    for (int i = 0; i < 3; i++) {
        l.to = TEXT("taro@example.jp");
        assert_int_equal(letter_line_send(line, t, &l, &words), DONE);
        l.to = TEXT("nobody@example.jp");
        assert_int_equal(letter_line_send(line, t, &l, &words), INVALID);
        assert_text(words, "550 5.1.1 unknown");
        l.to = TEXT("away@example.jp");
        assert_int_equal(letter_line_send(line, t, &l, &words), RETRY);
    }
    letter_line_close(line);
    letter_line_close(NULL);
    peer_close(p);
}

static void a_route_is_checked(void **state)
{
    static const struct {
        const char *host, *helo, *user, *password, *field;
        int64_t port;
    } cases[] = {
        { "", "a", "", "", "host", 25 },         { "a/b", "a", "", "", "host", 25 }, { "a@b", "a", "", "", "host", 25 },
        { "a\r\nb", "a", "", "", "host", 25 },   { "a", "a", "", "", "port", 0 },    { "a", "a", "", "", "port", 65536 },
        { "a", "a\r\nb", "", "", "helo", 25 },   { "a", "a b", "", "", "helo", 25 }, { "a", "a", "u\n", "", "user", 25 },
        { "a", "a", "u", "p\n", "password", 25 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct letter_route r = {
            .host = text_of(cases[i].host), .port = cases[i].port, .helo = text_of(cases[i].helo),
            .user = text_of(cases[i].user), .password = text_of(cases[i].password), .seconds = 5,
        };
        struct letter l = letter_of();
        struct text words;

        assert_int_equal(letter_send(t, &r, &l, &words), INVALID);
        assert_text(task_problems(t)->field, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(a_letter_arrives_as_it_was_written), TASK_TEST(an_answer_decides),
        TASK_TEST(a_server_that_goes_or_says_nothing), TASK_TEST(nobody_there),
        TASK_TEST(a_handover_tells_whether_the_letter_may_have_arrived), TASK_TEST(starttls_or_no_letter),
        TASK_TEST(a_password_goes_to_the_server_and_nowhere_else), TASK_TEST(refused_without_a_log_in_is_not_for_good),
        TASK_TEST(one_line_carries_many), TASK_TEST(a_refusal_leaves_the_line_usable), TASK_TEST(a_route_is_checked),
    };
    int failed;

    if (outside_start() != DONE)
        return 1;
    failed = cmocka_run_group_tests_name("letter", tests, NULL, NULL);
    outside_stop();
    return failed;
}
