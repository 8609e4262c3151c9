/* tests/outside/test_webhook.c - what a web server gets, and what its answer means */
#include "support/support.h"

#include "base/clock.h"
#include "outside/outside.h"
#include "outside/webhook.h"
#include "peer.h"
#include "tls_peer.h"

#include <string.h>

static struct peer *http_peer(const struct peer_row *rows)
{
    struct peer_plan plan = { .rows = rows, .http = 1 };

    return peer_open(&plan);
}

static struct webhook webhook_to(struct task *t, int64_t port)
{
    return (struct webhook){
        .url = task_printf(t, "http://127.0.0.1:%d/hook?a=b", (int)port), .event = TEXT("mailbox.create"),
        .delivery = TEXT("17"), .signature_hex = TEXT("00ff"), .body = TEXT("{\"name\": \"山田\"}"), .seconds = 20,
    };
}

static void the_request_to_the_octet(void **state)
{
    static const struct peer_row rows[] = { { ".", "HTTP/1.1 204 No Content\r\n\r\n" }, { NULL, NULL } };
    struct task *t = fresh_task(state);
    struct peer *p = http_peer(rows);
    struct webhook w = webhook_to(t, peer_port(p));
    struct webhook_end end;

    assert_int_equal(webhook_post(t, &w, &end), DONE);
    assert_int_equal(end.status, 204);
    assert_text(end.words, "answered 204");
    peer_stop(p);
    assert_text(text_of(peer_heard(p)),
                task_printf(t, "POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: postreeve/" POSTREEVE_VERSION "\r\n"
                               "Accept: */*\r\nContent-Type: application/json\r\nX-Postreeve-Event: mailbox.create\r\n"
                               "X-Postreeve-Delivery: 17\r\nX-Postreeve-Signature: sha256=00ff\r\n"
                               "Content-Length: %zu\r\n\r\n%s",
                            (int)peer_port(p), w.body.length, w.body.at).at);
    peer_close(p);
}

static void an_answer_decides(void **state)
{
    static const struct {
        const char *answer;
        enum outcome o;
        int status;
        const char *words;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", DONE, 200, "answered 200: ok" },
        { "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", DONE, 299, "answered 299" },
        { "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", INVALID, 302, "answered 302" },
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n\x1b\xffno", INVALID, 404, "answered 404: ??no" },
        { "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", INVALID, 410, "answered 410" },
        { "HTTP/1.1 408 Slow\r\nContent-Length: 0\r\n\r\n", RETRY, 408, "answered 408" },
        { "HTTP/1.1 429 Many\r\nContent-Length: 0\r\n\r\n", RETRY, 429, "answered 429" },
        { "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", RETRY, 500, "answered 500" },
        { "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", RETRY, 503, "answered 503" },
        { "nothing like HTTP\r\n\r\n", RETRY, 0, NULL },
        { PEER_HANGS_UP, RETRY, 0, NULL },
        { NULL, RETRY, 0, NULL },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        const struct peer_row rows[] = { { ".", cases[i].answer }, { NULL, NULL } };
        struct peer *p = http_peer(rows);
        struct webhook w = webhook_to(t, peer_port(p));
        int64_t began = clock_monotonic_ms();
        struct webhook_end end;

        w.seconds = cases[i].answer ? 20 : 1;
        assert_int_equal(webhook_post(t, &w, &end), cases[i].o);
        assert_int_equal(end.status, cases[i].status);
        print_message("  %s\n", task_c_string(t, end.words));
        if (cases[i].words)
            assert_text(end.words, cases[i].words);
        assert_true(end.words.length > 0);
        assert_null(task_problems(t));
        assert_true(clock_monotonic_ms() - began < 15000);
        peer_stop(p);
        assert_int_equal(peer_connections(p), 1);
        peer_close(p);
    }
}

static void a_long_answer_is_not_read_to_its_end(void **state)
{
    struct task *t = fresh_task(state);
    struct text head = TEXT("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const struct peer_row rows[] = { { ".", task_join(t, head, repeated(t, 'x', 300000)).at }, { NULL, NULL } };
    struct peer *p = http_peer(rows);
    struct webhook w = webhook_to(t, peer_port(p));
    struct webhook_end end;

    assert_int_equal(webhook_post(t, &w, &end), DONE);
    assert_int_equal(end.status, 200);
    assert_int_equal(end.words.length, strlen("answered 200: ") + 256);
    peer_close(p);
}

static void nobody_there(void **state)
{
    static const struct peer_row nothing[] = { { NULL, NULL } };
    struct task *t = fresh_task(state);
    struct peer *p = http_peer(nothing);
    struct webhook w = webhook_to(t, peer_port(p));
    struct webhook_end end;

    peer_close(p);
    assert_int_equal(webhook_post(t, &w, &end), RETRY);
    assert_int_equal(end.status, 0);
    assert_non_null(strstr(task_c_string(t, end.words), "127.0.0.1"));
    w.url = TEXT("http://nowhere.invalid/");
    assert_int_equal(webhook_post(t, &w, &end), RETRY);
}

static void what_cannot_be_sent(void **state)
{
    static const struct {
        const char *url, *event, *delivery, *signature, *field;
    } cases[] = {
        { "", "a", "1", "00", "url" },
        { "example.org/x", "a", "1", "00", "url" },
        { "file:///etc/passwd", "a", "1", "00", "url" },
        { "ftp://example.org/", "a", "1", "00", "url" },
        { "smtp://example.org/", "a", "1", "00", "url" },
        { "http://", "a", "1", "00", "url" },
        { "http://example.org:99999/", "a", "1", "00", "url" },
        { "http://example.org/a b", "a", "1", "00", "url" },
        { "http://example.org/\r\nX: y", "a", "1", "00", "url" },
        { "http://例え.jp/", "a", "1", "00", "url" },
        { "http://example.org/", "a\r\nX: y", "1", "00", "event" },
        { "http://example.org/", "a", "1\n", "00", "delivery" },
        { "http://example.org/", "a", "1", "0\r0", "signature_hex" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct webhook w = {
            .url = text_of(cases[i].url), .event = text_of(cases[i].event), .delivery = text_of(cases[i].delivery),
            .signature_hex = text_of(cases[i].signature), .body = TEXT("{}"), .seconds = 5,
        };
        struct webhook_end end;

        assert_int_equal(webhook_post(t, &w, &end), INVALID);
        assert_text(task_problems(t)->field, cases[i].field);
    }
}

static void urls_that_may_be_stored(void **state)
{
    static const char *const right[] = {
        "http://example.org", "https://example.org/x?y=z#f", "HTTPS://EXAMPLE.ORG:8443/", "http://[::1]:80/",
        "https://user:word@example.org/",
    };

    struct task *t = fresh_task(state);

    for (size_t i = 0; i < COUNT(right); i++)
        assert_problem(t, webhook_url_check(t, "url", text_of(right[i])), NULL);
    assert_problem(t, webhook_url_check(t, "url", TEXT("gopher://x/")), "malformed");
}

static void over_tls_to_whom_the_certificate_names(void **state)
{
    static const struct {
        const char *name;
        bool trusted;
        enum outcome o;
        const char *words;
    } cases[] = {
        { "127.0.0.1", true, DONE, "answered 200: ok" },
        { "127.0.0.1", false, RETRY, "certificate" },
        { "wrong.test", true, RETRY, "does not match" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct tls_peer p;
        struct webhook w;
        struct webhook_end end;

        tls_peer_open(&p, "https", cases[i].name, NULL);
        w = webhook_to(t, p.port);
        w.url = task_printf(t, "https://127.0.0.1:%d/", (int)p.port);
        if (cases[i].trusted)
            w.ca_file = text_of(p.ca_file);
        assert_int_equal(webhook_post(t, &w, &end), cases[i].o);
        print_message("  %s\n", task_c_string(t, end.words));
        assert_non_null(strstr(task_c_string(t, end.words), cases[i].words));
        tls_peer_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(the_request_to_the_octet), TASK_TEST(an_answer_decides),
        TASK_TEST(a_long_answer_is_not_read_to_its_end), TASK_TEST(nobody_there), TASK_TEST(what_cannot_be_sent),
        TASK_TEST(urls_that_may_be_stored), TASK_TEST(over_tls_to_whom_the_certificate_names),
    };
    int failed;

    if (outside_start() != DONE)
        return 1;
    failed = cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
    outside_stop();
    return failed;
}
