/* tests/outside/test_probe.c - the trial of a relay: which step failed, and in what words */
#include "support/support.h"

#include "base/clock.h"
#include "outside/outside.h"
#include "outside/probe.h"
#include "peer.h"
#include "tls_peer.h"

#include <string.h>

static const struct peer_row nothing[] = { { NULL, NULL } };

static struct letter_route route_to(int64_t port)
{
    return (struct letter_route){
        .host = TEXT("127.0.0.1"), .port = port, .helo = TEXT("mail.example.jp"), .seconds = 20,
    };
}

static struct peer *smtp_peer(const struct peer_row *rows)
{
    struct peer_plan plan = { .rows = rows, .usual = smtp_rows };

    return peer_open(&plan);
}

/* `states` is a letter per step: o ok, F failed, - skipped. `words` must be in those of the failed step. */
static void assert_probe(struct task *t, const struct letter_route *r, const char *states, const char *words)
{
    static const char *const names[] = { "resolve", "connect", "tls", "ehlo", "auth", "quit" };
    char seen[PROBE_PARTS + 1] = "";
    struct probe p;

    assert_int_equal(probe_relay(t, r, &p), DONE);
    for (size_t i = 0; i < PROBE_PARTS; i++) {
        const struct probe_step *s = &p.steps[i];

        print_message("    %-8s %-8s %s\n", s->step, probe_state_words[s->state], task_c_string(t, s->words));
        seen[i] = "-oF"[s->state];
        assert_string_equal(s->step, names[i]);
        assert_int_equal(s->words.length == 0, s->state == PROBE_SKIPPED);
        assert_null(strstr(task_c_string(t, s->words), "s3cret-word"));
        if (s->state == PROBE_FAILED)
            assert_non_null(strstr(task_c_string(t, s->words), words));
    }
    assert_string_equal(seen, states);
    assert_int_equal(p.works, strchr(states, 'F') == NULL);
}

static void a_relay_that_works(void **state)
{
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(nothing);
    struct letter_route r = route_to(peer_port(p));
    struct probe out;

    assert_probe(t, &r, "oo-o-o", "");
    r.user = TEXT("hana");
    r.password = TEXT("s3cret-word");
    assert_probe(t, &r, "oo-ooo", "");
    assert_int_equal(probe_relay(t, &r, &out), DONE);
    assert_text(out.steps[PROBE_RESOLVE].words, "127.0.0.1");
    assert_text(out.steps[PROBE_CONNECT].words, task_printf(t, "port %d", (int)peer_port(p)).at);
    assert_text(out.steps[PROBE_EHLO].words, "250 peer.test SIZE 1000000 AUTH PLAIN LOGIN 8BITMIME");
    assert_text(out.steps[PROBE_AUTH].words, "235 2.7.0 welcome");
    assert_text(out.steps[PROBE_QUIT].words, "221 2.0.0 Bye");
    peer_stop(p);
    assert_null(strstr(peer_heard(p), "MAIL"));
    peer_close(p);
}

static void what_fails_is_named(void **state)
{
    static const struct {
        struct peer_row row;
        enum letter_tls tls;
        const char *states, *words;
    } cases[] = {
        { { "", "554 5.3.2 no service\r\n" }, LETTER_TLS_NONE, "oo-F--", "554 5.3.2 no service" },
        { { "", "554 5.3.2 no service\r\n" }, LETTER_TLS_STARTTLS, "oo-F--", "554 5.3.2 no service" },
        { { "", PEER_HANGS_UP }, LETTER_TLS_NONE, "oo-F--", "the server closed the connection" },
        { { "", NULL }, LETTER_TLS_NONE, "oo-F--", "" },
        { { "", NULL }, LETTER_TLS_WRAPPED, "ooF---", "" },
        { { "EHLO", "421 4.3.2 too busy\r\n" }, LETTER_TLS_STARTTLS, "oo-F--", "421 4.3.2 too busy" },
        { { "EHLO", NULL }, LETTER_TLS_NONE, "oo-F--", "" },
        { { "EHLO", "250-peer.test\r\n250 SIZE\r\n" }, LETTER_TLS_STARTTLS, "ooF---", "STARTTLS" },
        { { "STARTTLS", "454 4.7.0 no TLS now\r\n" }, LETTER_TLS_STARTTLS, "ooF---", "454 4.7.0 no TLS now" },
        { { "STARTTLS", NULL }, LETTER_TLS_STARTTLS, "ooF---", "" },
        { { "STARTTLS", "220 but no TLS follows\r\n" }, LETTER_TLS_STARTTLS, "ooF---", "" },
        { { "EHLO", "250 peer.test\r\n" }, LETTER_TLS_NONE, "oo-oF-", "offers no log-in" },
        { { "EHLO", "250-peer.test\r\n250 AUTH GSSAPI X-STRANGE\r\n" }, LETTER_TLS_NONE, "oo-oF-", "offers no log-in" },
        { { "secret", "535 5.7.8 wrong\r\n" }, LETTER_TLS_NONE, "oo-oF-", "535 5.7.8 wrong" },
        { { "secret", "535 s3cret-word is wrong\r\n" }, LETTER_TLS_NONE, "oo-oF-", "535 (an answer" },
        { { "secret", "454 4.7.0 directory is away\r\n" }, LETTER_TLS_NONE, "oo-oF-", "454 4.7.0 directory is away" },
        { { "secret", NULL }, LETTER_TLS_NONE, "oo-oF-", "" },
        { { "QUIT", "500 5.5.1 stay\r\n" }, LETTER_TLS_NONE, "oo-ooF", "500 5.5.1 stay" },
        { { "QUIT", NULL }, LETTER_TLS_NONE, "oo-ooF", "" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = {
            cases[i].row, { cases[i].tls == LETTER_TLS_STARTTLS ? "EHLO" : "unused", "250-peer.test\r\n250 STARTTLS\r\n" },
            { NULL, NULL },
        };
        struct peer *p = smtp_peer(rows);
        struct letter_route r = route_to(peer_port(p));
        int64_t began = clock_monotonic_ms();

        print_message("  %s %s\n", cases[i].row.starts, cases[i].row.answer ? cases[i].row.answer : "(silence)");
        r.tls = cases[i].tls;
        r.user = TEXT("hana");
        r.password = TEXT("s3cret-word");
        r.seconds = cases[i].row.answer ? 20 : 1;
        assert_probe(t, &r, cases[i].states, cases[i].words);
        assert_true(clock_monotonic_ms() - began < 15000);
        peer_close(p);
    }
}

static void nobody_there(void **state)
{
    struct task *t = fresh_task(state);
    struct peer *p = smtp_peer(nothing);
    struct letter_route r = route_to(peer_port(p));
    struct probe out;

    peer_close(p);
    assert_probe(t, &r, "oF----", "Connection refused");
    r.host = TEXT("nowhere.invalid");
    assert_probe(t, &r, "F-----", "nowhere.invalid");
    r.host = TEXT("a b");
    assert_problem(t, probe_relay(t, &r, &out), "malformed");
}

static void certificates(void **state)
{
    static const struct {
        const char *mode, *name, *expired;
        enum letter_tls tls;
        bool trusted, any; /* its authority; whichever it is */
        const char *states, *words;
    } cases[] = {
        { "starttls", "127.0.0.1", NULL, LETTER_TLS_STARTTLS, true, false, "oooooo", "" },
        { "wrapped", "127.0.0.1", NULL, LETTER_TLS_WRAPPED, true, false, "oooooo", "" },
        { "starttls", "127.0.0.1", NULL, LETTER_TLS_STARTTLS, false, false, "ooF---", "certificate" },
        { "wrapped", "127.0.0.1", NULL, LETTER_TLS_WRAPPED, false, false, "ooF---", "certificate" },
        { "wrapped", "wrong.test", NULL, LETTER_TLS_WRAPPED, true, false, "ooF---", "does not match" },
        { "starttls", "wrong.test", NULL, LETTER_TLS_STARTTLS, true, false, "ooF---", "does not match" },
        { "wrapped", "127.0.0.1", "expired", LETTER_TLS_WRAPPED, true, false, "ooF---", "certificate" },
        { "starttls", "wrong.test", NULL, LETTER_TLS_STARTTLS, false, true, "oooooo", "" },
        { "wrapped", "127.0.0.1", "expired", LETTER_TLS_WRAPPED, false, true, "oooooo", "" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct tls_peer p;
        struct letter_route r;
        struct probe out;

        print_message("  %s, certificate of %s\n", cases[i].mode, cases[i].name);
        tls_peer_open(&p, cases[i].mode, cases[i].name, cases[i].expired);
        r = route_to(p.port);
        r.tls = cases[i].tls;
        r.user = TEXT("hana");
        r.password = TEXT("s3cret-word");
        r.any_certificate = cases[i].any;
        if (cases[i].trusted)
            r.ca_file = text_of(p.ca_file);
        assert_probe(t, &r, cases[i].states, cases[i].words);
        if (strcmp(cases[i].states, "oooooo") == 0) {
            assert_int_equal(probe_relay(t, &r, &out), DONE);
            assert_true(text_starts(out.steps[PROBE_TLS].words, TEXT("TLS")));
            r.password = TEXT("other");
            assert_probe(t, &r, "ooooF-", "535 5.7.8 wrong");
        }
        tls_peer_close(&p);
    }
}

static void a_letter_over_tls(void **state)
{
    static const struct {
        const char *mode;
        enum letter_tls tls;
    } cases[] = { { "starttls", LETTER_TLS_STARTTLS }, { "wrapped", LETTER_TLS_WRAPPED } };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct letter l = {
            .from = TEXT("postmaster@example.jp"), .to = TEXT("taro@example.jp"), .subject = TEXT("ようこそ"),
            .body = TEXT("こんにちは。\n"),
        };
        struct tls_peer p;
        struct letter_route r;
        struct text words;

        tls_peer_open(&p, cases[i].mode, "127.0.0.1", NULL);
        r = route_to(p.port);
        r.tls = cases[i].tls;
        r.user = TEXT("hana");
        r.password = TEXT("s3cret-word");
        assert_int_equal(letter_send(t, &r, &l, &words), RETRY); /* nobody vouches for its certificate */
        r.ca_file = text_of(p.ca_file);
        assert_int_equal(letter_send(t, &r, &l, &words), DONE);
        assert_text(words, "250 2.0.0 Ok: queued over TLS");
        tls_peer_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(a_relay_that_works), TASK_TEST(what_fails_is_named), TASK_TEST(nobody_there),
        TASK_TEST(certificates), TASK_TEST(a_letter_over_tls),
    };
    int failed;

    if (outside_start() != DONE)
        return 1;
    failed = cmocka_run_group_tests_name("probe", tests, NULL, NULL);
    outside_stop();
    return failed;
}
