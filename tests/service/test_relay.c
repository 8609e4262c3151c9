/* tests/service/test_relay.c - smart hosts: a password that nobody sees again, and a trial that says what went wrong */
#include "service/world.h"

#include "model/relay.h"
#include "model/vault.h"
#include "outside/peer.h"

#include <string.h>

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CANARY "Kanarienvogel-7531"
#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define KEPT(query, rows) DONE, NULL, NULL, query, rows
#define NEW(rest) { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"*\", \"host\": \"mx.example.net\"" rest "}" }
#define CHANGE(body_) { &super, "relay.update", .key = "own", .body = body_ }
#define NEW_ROW(columns) "SELECT " columns " FROM postreeve_relay WHERE name = 'new'"
#define OWN_ROW(columns) "SELECT " columns " FROM postreeve_relay WHERE name = 'own'"
#define WITH_LOGIN "UPDATE postreeve_relay SET username = 'me', password = '{SODIUM}x' WHERE name = 'own'"

static struct task *key_task;

static int open_with_key(void **state)
{
    int rc = world_open(state);
    struct world *w = *state;

    key_task = task_open();
    w->config.vault = vault_from_key(key_task, TEXT(KEY_HEX));
    return rc;
}

static int close_with_key(void **state)
{
    int rc = world_close(state);

    task_close(key_task);
    return rc;
}

static const struct play plays[] = {
    { "what is not given", NULL, NEW(""),
      KEPT(NEW_ROW("scope, host, port, tls, verify_certificate, username, password, active"),
           "*|mx.example.net|587|starttls|1||NULL|1\n") },
    { "wrapped has its own port", NULL, NEW(", \"tls\": \"wrapped\""), KEPT(NEW_ROW("port, tls"), "465|wrapped\n") },
    { "so has no TLS", NULL, NEW(", \"tls\": \"none\""), KEPT(NEW_ROW("port, tls"), "25|none\n") },
    { "or another", NULL, NEW(", \"port\": 2525"), KEPT(NEW_ROW("port, tls"), "2525|starttls\n") },
    { "port zero", NULL, NEW(", \"port\": 0"), REFUSED("too_small", "port") },
    { "port 65536", NULL, NEW(", \"port\": 65536"), REFUSED("too_large", "port") },
    { "TLS of another kind", NULL, NEW(", \"tls\": \"ssl\""), REFUSED("not_a_choice", "tls") },
    { "a log-in", NULL, NEW(", \"username\": \"me@x\", \"password\": \"" CANARY "\""),
      KEPT(NEW_ROW("username, LEFT(password, 8)"), "me@x|{SODIUM}\n") },
    { "a log-in without a password", NULL, NEW(", \"username\": \"me\""), REFUSED("required", "password") },
    { "a password without a log-in", NULL, NEW(", \"password\": \"" CANARY "\""), REFUSED("required", "username") },
    { "a colon in the log-in", NULL, NEW(", \"username\": \"a:b\", \"password\": \"x\""),
      REFUSED("bad_character", "username") },
    { "a line's end in the password", NULL, NEW(", \"username\": \"a\", \"password\": \"x\\ny\""),
      REFUSED("bad_character", "password") },
    { "a name in capitals", NULL,
      { &super, "relay.create", .body = "{\"name\": \"Main.1\", \"scope\": \"*\", \"host\": \"[2001:DB8:0::1]\"}" },
      KEPT("SELECT name, host FROM postreeve_relay WHERE scope = '*'", "main.1|2001:db8::1\n") },
    { "a name with a slash", NULL,
      { &super, "relay.create", .body = "{\"name\": \"a/b\", \"scope\": \"*\", \"host\": \"x.example\"}" },
      REFUSED("bad_character", "name") },
    { "a host in brackets", NULL,
      { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"Example.NET\", \"host\": \"[MX.example.net]\"}" },
      KEPT(NEW_ROW("scope, host"), "example.net|mx.example.net\n") },
    { "a host with a port", NULL,
      { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"*\", \"host\": \"mx.example.net:25\"}" },
      REFUSED("bad_domain", "host") },
    { "a host that would be a line more", NULL,
      { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"*\", \"host\": \"x.example\\nQUIT\"}" },
      REFUSED("bad_character", "host") },
    { "a scope that another has", NULL,
      { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"@OWN.example\", \"host\": \"x.example\"}" },
      CONFLICT, "taken", "scope", NULL, NULL },
    { "a name that another has", NULL,
      { &super, "relay.create", .body = "{\"name\": \"own\", \"scope\": \"*\", \"host\": \"x.example\"}" },
      CONFLICT, "taken", "name", NULL, NULL },
    { "a change to a scope that another has", NULL, CHANGE("{\"scope\": \"@other.example\"}"), CONFLICT, "taken", "scope",
      NULL, NULL },
    { "a scope that is none", NULL, CHANGE("{\"scope\": \"a b\"}"), REFUSED("bad_domain", "scope") },
    { "a change leaves the password", WITH_LOGIN, CHANGE("{\"port\": 26}"),
      KEPT(OWN_ROW("port, username, password"), "26|me|{SODIUM}x\n") },
    { "another password", WITH_LOGIN, CHANGE("{\"password\": \"" CANARY "\"}"),
      KEPT(OWN_ROW("username, LEFT(password, 8), password = '{SODIUM}x'"), "me|{SODIUM}|0\n") },
    { "no log-in, no password", WITH_LOGIN, CHANGE("{\"username\": \"\"}"), KEPT(OWN_ROW("username, password"), "|NULL\n") },
    { "the password alone taken away", WITH_LOGIN, CHANGE("{\"password\": \"\"}"), REFUSED("required", "password") },
    { "both taken away", WITH_LOGIN, CHANGE("{\"username\": null, \"password\": null}"),
      KEPT(OWN_ROW("username, password"), "|NULL\n") },
    { "a password to no log-in", NULL, CHANGE("{\"password\": \"" CANARY "\"}"), REFUSED("required", "username") },
};

static void relays_are_kept(void **state)
{
    world_play(*state, plays, COUNT(plays));
}

/* Not in a row, not in the log, not in an answer. */
static void the_password_is_nowhere(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    assert_int_equal(ASK(w, &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"*\", \"host\": \"x.example\","
                         " \"username\": \"me\", \"password\": \"" CANARY "\"}"), DONE);
    assert_true(((const struct relay *)w->answer.item)->has_password);
    assert_int_equal(ASK(w, &super, "relay.update", .key = "new", .body = "{\"password\": \"" CANARY "!\"}"), DONE);
    assert_string_equal(world_places_with(w, t, CANARY, NULL), "");
    assert_string_equal(world_places_with(w, t, "{SODIUM}", NULL), "postreeve_relay.password: 1\n");
    task_close(t);
}

static void without_a_key_no_password(void **state)
{
    struct world *w = *state;
    const struct vault *vault = w->config.vault;
    static const struct play keyless[] = {
        { "a password", NULL, NEW(", \"username\": \"a\", \"password\": \"x\""), REFUSED("no_secret_key", "password") },
        { "none", NULL, NEW(""), KEPT(NEW_ROW("1"), "1\n") },
        { "a trial with one", WITH_LOGIN, { &super, "relay.test", .key = "own" }, REFUSED("no_secret_key", "password") },
    };

    w->config.vault = NULL;
    world_play(w, keyless, COUNT(keyless));
    w->config.vault = vault;
}

static void assert_step(const struct world *w, size_t i, const char *step, const char *state, const char *words)
{
    const struct relay_step *s = (const struct relay_step *)w->answer.list.rows.items + i;

    assert_text(s->step, step);
    assert_text(s->state, state);
    if (words)
        assert_non_null(strstr(s->words.at, words));
}

static void a_trial_says_what_happened(void **state)
{
    static const struct peer_row wrong[] = { { "secret", "535 5.7.8 no, " CANARY "\r\n" }, { NULL, NULL } };
    struct peer_plan plan = { .rows = wrong, .usual = smtp_rows };
    struct world *w = *state;
    struct task *t = task_open();
    struct peer *p = peer_open(&plan);

    assert_int_equal(ASK(w, &super, "relay.update", .key = "own",
                         .body = task_printf(t, "{\"port\": %d, \"username\": \"me\", \"password\": \"" CANARY "\"}",
                                             (int)peer_port(p)).at), DONE);
    assert_int_equal(ASK(w, &super, "relay.test", .key = "own"), DONE);
    assert_int_equal(w->answer.list.rows.count, 6);
    assert_step(w, 1, "connect", "ok", NULL);
    assert_step(w, 2, "tls", "skipped", NULL);
    assert_step(w, 4, "auth", "failed", "535");
    assert_step(w, 5, "quit", "skipped", NULL);
    assert_string_equal(scratch_rows(w->db, t, "SELECT action, data, after_state FROM log ORDER BY id DESC LIMIT 1"),
                        "relay.test|own|{\"host\":\"127.0.0.1\",\"works\":false,\"steps\":[\"resolve: ok\",\"connect: ok\","
                        "\"tls: skipped\",\"ehlo: ok\",\"auth: failed\",\"quit: skipped\"]}\n");
    assert_string_equal(world_places_with(w, t, CANARY, NULL), "");
    peer_close(p);
    task_close(t);
}

/* A copied row does not open under another name. */
static void a_sealed_password_belongs_to_its_row(void **state)
{
    struct world *w = *state;

    assert_int_equal(ASK(w, &super, "relay.update", .key = "own", .body = "{\"username\": \"me\", \"password\": \"x\"}"), DONE);
    scratch_run(w->db, "UPDATE postreeve_relay a JOIN postreeve_relay b ON a.name = 'other' AND b.name = 'own'"
                       " SET a.username = b.username, a.password = b.password");
    assert_int_equal(ASK(w, &super, "relay.test", .key = "own"), DONE);
    assert_int_equal(ASK(w, &super, "relay.test", .key = "other"), INVALID);
    assert_string_equal(task_problems(w->t)->kind->code, "cannot_unseal");
    assert_int_equal(ASK(w, &super, "relay.test", .key = "none"), MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(relays_are_kept, world_reset),
        cmocka_unit_test_setup(the_password_is_nowhere, world_reset),
        cmocka_unit_test_setup(without_a_key_no_password, world_reset),
        cmocka_unit_test_setup(a_trial_says_what_happened, world_reset),
        cmocka_unit_test_setup(a_sealed_password_belongs_to_its_row, world_reset),
    };

    return cmocka_run_group_tests_name("service/relay", tests, open_with_key, close_with_key);
}
