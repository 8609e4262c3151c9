/* tests/service/test_journal.c - a change taken back leaves the tables as they were; whoever was at the log is found */
#include "service/world.h"

#include "model/account.h"

#include <stdio.h>
#include <string.h>

#define TABLES "domain,mailbox,alias,alias_domain,admin,domain_admins,vacation,mailbox_app_password,quota2,fetchmail," \
    "postreeve_transport,postreeve_sender_access,postreeve_sender_login,postreeve_relay"
#define NEWEST "SELECT MAX(id) FROM log"

/* Whatever a text can hold has to come back as it was. */
static const char odd_rows[] =
    "UPDATE mailbox SET name = 'O''Neil \"\\\\ null \\n\\t 山田 \xF0\x9F\x98\x80', totp_secret = NULL WHERE username = 'plain@own.example';"
    "UPDATE mailbox SET name = 'null', totp_secret = '' WHERE username = 'deputy@own.example';"
    "UPDATE alias SET goto = CONCAT(goto, ',\"a..b\"@carrier.example'), description = '\\\\u0041 {\"x\": [null]}'"
    " WHERE address = 'l-plain@own.example';"
    "INSERT INTO vacation (email, subject, body, cache, domain) VALUES ('plain@own.example', '不在', 'a\\r\\nb', '', 'own.example');"
    "INSERT INTO mailbox_app_password (username, description, password_hash) VALUES ('plain@own.example', 'phone', '$1$x'),"
    " ('plain@own.example', NULL, NULL);"
    "INSERT INTO quota2 (username, bytes, messages) VALUES ('plain@own.example', 9007199254740993, 7);"
    "INSERT INTO fetchmail (mailbox, src_server, src_auth, src_user, src_password, src_folder, domain)"
    " VALUES ('plain@own.example', 's', NULL, 'u', 'p', '', 'own.example')";

static const char *content(struct world *w, struct task *t)
{
    return scratch_content(w->db, t, TABLES);
}

static enum outcome undo_newest(struct world *w)
{
    enum outcome o;
    char id[24];

    snprintf(id, sizeof id, "%lld", scratch_number(w->db, NEWEST));
    o = ASK(w, &super, "log.undo", .key = id);
    if (o != DONE && task_problems(w->t))
        print_message("  %s\n", task_problems(w->t)->kind->code);
    return o;
}

static const struct ask undoable[] = {
    { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" },
    { &super, "domain.update", .key = "own.example", .body = "{\"description\": \"x\", \"mailbox_limit\": 9}" },
    { &super, "domain.delete", .key = "other-fresh.example" },
    { &dora, "mailbox.create", .body = "{\"address\": \"new@own.example\", \"password\": \"another staple 2\"}" },
    { &dora, "mailbox.update", .key = "plain@own.example",
      .body = "{\"password\": \"another staple 2\", \"forward\": {\"destinations\": [\"x@y.example\"]}}" },
    { &dora, "mailbox.delete", .key = "plain@own.example" },
    { &user, "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"], \"keep_copy\": false}" },
    { &dora, "alias.create", .body = "{\"address\": \"@own.example\", \"destinations\": [\"x@y.example\"]}" },
    { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"active\": false}" },
    { &dora, "alias.delete", .key = "l-plain@own.example" },
    { &dora, "alias-domain.update", .key = "own-alias.example", .body = "{\"active\": false}" },
    { &dora, "alias-domain.delete", .key = "own-alias.example" },
    { &super, "admin.create", .body = "{\"username\": \"new\", \"password\": \"another staple 2\", \"domains\": [\"own.example\"]}" },
    { &super, "admin.update", .key = "dora@own.example", .body = "{\"domains\": [], \"super_admin\": true}" },
    { &super, "admin.delete", .key = "dora@own.example" },
    { &super, "transport.create", .body = "{\"destination\": \"new.net\", \"transport\": \"relay:\"}" },
    { &super, "transport.update", .key = "own.example", .body = "{\"transport\": \"smtp:[h]\"}" },
    { &super, "transport.delete", .key = "own.example" },
    { &super, "sender-access.create", .body = "{\"sender\": \"new.net\", \"action\": \"HOLD\"}" },
    { &super, "sender-access.update", .key = "own.example", .body = "{\"active\": false}" },
    { &super, "sender-access.delete", .key = "own.example" },
    { &dora, "sender-login.create", .body = "{\"sender\": \"l-plain@own.example\", \"login\": \"deputy@own.example\"}" },
    { &dora, "sender-login.update", .key = "1", .body = "{\"active\": false}" },
    { &dora, "sender-login.delete", .key = "1" },
    { &dora, "fetchmail.create", .body = "{\"mailbox\": \"plain@own.example\", \"server\": \"x.example\","
      " \"username\": \"x\", \"authentication\": \"gssapi\"}" },
    { &dora, "fetchmail.update", .key = "1", .body = "{\"keep\": true}" },
    { &dora, "fetchmail.delete", .key = "1" },
    { &super, "relay.create", .body = "{\"name\": \"new\", \"scope\": \"new.net\", \"host\": \"new.net\"}" },
    { &super, "relay.update", .key = "own", .body = "{\"port\": 26}" },
    { &super, "relay.delete", .key = "own" },
};

static void taken_back_and_done_again(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(undoable); i++) {
        struct task *t = task_open();
        const char *before, *after;

        print_message("  %s\n", undoable[i].verb);
        world_reset(state);
        scratch_run(w->db, "%s", odd_rows);
        before = content(w, t);
        assert_int_equal(world_ask(w, &undoable[i]), DONE);
        after = content(w, t);
        assert_string_not_equal(before, after);
        assert_int_equal(undo_newest(w), DONE);
        assert_string_equal(content(w, t), before);
        assert_int_equal(undo_newest(w), DONE); /* what was undone is done again */
        assert_string_equal(content(w, t), after);
        assert_int_equal(undo_newest(w), DONE);
        assert_string_equal(content(w, t), before);
        task_close(t);
    }
}

/* All of a domain comes back with it. */
static void a_domain_comes_back_whole(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const char *before;

    scratch_run(w->db, "%s", odd_rows);
    scratch_run(w->db, "DELETE FROM alias_domain WHERE target_domain = 'own.example'");
    before = content(w, t);
    assert_int_equal(ASK(w, &super, "domain.delete", .key = "own.example"), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox WHERE domain = 'own.example'"), 0);
    assert_int_equal(undo_newest(w), DONE);
    assert_string_equal(content(w, t), before);
    task_close(t);
}

static const struct {
    const char *what;
    struct ask first;
    const char *between;  /* SQL */
    struct ask next;      /* verb NULL: none */
    const struct actor *by;
    enum outcome outcome;
    const char *problem;
} blocked[] = {
    { "a later change of the same item", { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"active\": false}" },
      NULL, { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"description\": \"x\"}" }, &dora, CONFLICT,
      "newer_change" },
    { "a later change of a password, which no state shows",
      { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}" }, NULL,
      { &user, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" }, &dora, CONFLICT,
      "newer_change" },
    { "Postfix Admin's hand", { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"active\": false}" },
      "UPDATE alias SET description = 'x' WHERE address = 'l-plain@own.example'", { .verb = NULL }, &dora, CONFLICT,
      "changed_elsewhere" },
    { "another has the address", { &dora, "mailbox.delete", .key = "plain@own.example" }, NULL,
      { &dora, "alias.create", .body = "{\"address\": \"plain@own.example\", \"destinations\": [\"x@y.example\"]}" },
      &dora, CONFLICT, "newer_change" },
    { "another has the address, by foreign hand", { &dora, "mailbox.delete", .key = "plain@own.example" },
      "INSERT INTO alias (address, goto, domain) VALUES ('plain@own.example', 'x@y.example', 'own.example')",
      { .verb = NULL }, &dora, CONFLICT, "taken" },
    { "no room left", { &dora, "mailbox.delete", .key = "plain@own.example" },
      "UPDATE domain SET mailboxes = 2 WHERE domain = 'own.example'", { .verb = NULL }, &dora, INVALID,
      "mailbox_limit_reached" },
    { "its domain is gone", { &dora, "alias.delete", .key = "l-plain@own.example" },
      "DELETE FROM domain WHERE domain = 'own.example'", { .verb = NULL }, &super, INVALID, "no_such_domain" },
    { "the state before is no longer kept", { &dora, "mailbox.delete", .key = "plain@own.example" },
      "DELETE FROM postreeve_image", { .verb = NULL }, &dora, CONFLICT, "not_undoable" },
    { "a log-in", { &nobody, "session.create", .body = "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}" },
      NULL, { .verb = NULL }, &super, CONFLICT, "not_undoable" },
    { "a domain admin, what only super admins may", { &super, "domain.update", .key = "own.example", .body = "{\"mailbox_limit\": 5}" },
      NULL, { .verb = NULL }, &dora, DENIED, NULL },
    { "a domain admin, what was done to one who outranks them",
      { &super, "mailbox.update", .key = "chief@own.example", .body = "{\"display_name\": \"x\"}" }, NULL, { .verb = NULL },
      &dora, DENIED, NULL },
};

static void what_stands_in_the_way_is_said(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(blocked); i++) {
        struct task *t = task_open();
        const char *before;
        long long record;
        char id[24];

        print_message("  %s\n", blocked[i].what);
        world_reset(state);
        assert_int_equal(world_ask(w, &blocked[i].first), DONE);
        record = scratch_number(w->db, NEWEST);
        if (blocked[i].between)
            scratch_run(w->db, "%s", blocked[i].between);
        if (blocked[i].next.verb)
            assert_int_equal(world_ask(w, &blocked[i].next), DONE);
        snprintf(id, sizeof id, "%lld", record);
        before = scratch_fingerprint(w->db, t);
        assert_int_equal(ASK(w, blocked[i].by, "log.undo", .key = id), blocked[i].outcome);
        if (blocked[i].problem)
            assert_string_equal(task_problems(w->t)->kind->code, blocked[i].problem);
        assert_string_equal(scratch_fingerprint(w->db, t), before);
        task_close(t);
    }
}

/* What was undone stands in nobody's way, and is not undone twice. */
static void undone_once(void **state)
{
    struct world *w = *state;
    long long first;
    char id[24];

    assert_int_equal(ASK(w, &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"active\": false}"), DONE);
    first = scratch_number(w->db, NEWEST);
    snprintf(id, sizeof id, "%lld", first);
    assert_int_equal(ASK(w, &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"description\": \"x\"}"), DONE);
    assert_int_equal(undo_newest(w), DONE);
    assert_int_equal(ASK(w, &dora, "log.undo", .key = id), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT active FROM alias WHERE address = 'l-plain@own.example'"), 1);
    assert_int_equal(ASK(w, &dora, "log.undo", .key = id), CONFLICT);
    assert_string_equal(task_problems(w->t)->kind->code, "undone_already");
}

/* ---- the chain ---- */

#define RECORDS 6

static void make_records(struct world *w)
{
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(ASK(w, &dora, "alias.update", .key = "l-plain@own.example",
                             .body = i % 2 ? "{\"active\": true}" : "{\"active\": false}"), DONE);
    /* All in one chain, whatever chance said: the SQL below names records by their place. */
}

/* As version 0.1 wrote them, from the first to the newest. */
#define OLDER_PART(column) "COALESCE(CONCAT(LENGTH(" column "), ':', " column "), '-:')"
#define OLDER_HASH                                                                                                  \
    "SHA2(CONCAT(chain, '/', link, '/', previous, '/', id, '/', COALESCE(image, 0), '/', COALESCE(undoes, 0), ';',"  \
    " LENGTH(@h), ':', @h, " OLDER_PART("timestamp") ", " OLDER_PART("actor") ", " OLDER_PART("source") ", "          \
    OLDER_PART("via") ", " OLDER_PART("action") ", " OLDER_PART("data") ", " OLDER_PART("domain") ", "                \
    OLDER_PART("before_state") ", " OLDER_PART("after_state") "), 256)"
#define OLDER_HASHES "SET @h = ''; UPDATE log SET hash = (@h := " OLDER_HASH ") ORDER BY link"
#define OLDER_HEAD "UPDATE postreeve_log_chain SET hash = @h WHERE chain = 0"

static const struct {
    const char *what, *sql; /* {n}: the number of the n-th record */
    const char *finding;
    int record; /* the n-th; 0: the log is sound */
} tampered[] = {
    { "nothing", "SELECT 1", "none", 0 },
    { "another actor", "UPDATE log SET actor = 'x' WHERE id = @r + 2", "changed", 3 },
    { "a state made better", "UPDATE log SET after_state = REPLACE(after_state, 'false', 'true') WHERE id = @r", "changed", 1 },
    { "another time", "UPDATE log SET timestamp = timestamp - INTERVAL 1 SECOND WHERE id = @r + 5", "changed", 6 },
    { "an empty state for none", "UPDATE log SET before_state = '' WHERE id = @r AND before_state IS NULL;"
      " UPDATE log SET source = '' WHERE id = @r + 1", "changed", 2 },
    { "one removed", "DELETE FROM log WHERE id = @r + 2", "removed", 3 },
    { "the newest removed", "DELETE FROM log WHERE id = @r + 5", "removed", 6 },
    { "all removed", "DELETE FROM log", "removed", 6 },
    { "the first removed", "DELETE FROM log WHERE id = @r", "removed", 1 },
    { "two that changed places", "UPDATE log SET id = 99999999 WHERE id = @r + 1; UPDATE log SET id = @r + 1 WHERE id = @r + 3;"
      " UPDATE log SET id = @r + 3 WHERE id = 99999999", NULL, 2 },
    { "taken out of its chain", "UPDATE log SET chain = NULL WHERE id = @r + 3", "removed", 4 },
    { "an older hash put back into the head", "UPDATE postreeve_log_chain c JOIN log l ON l.id = @r + 4 AND l.chain = c.chain"
      " SET c.hash = l.hash", "changed", 6 },
    { "another number", "UPDATE log SET id = 2000000000 WHERE id = @r + 2", "reordered", 3 },
    { "another number for the newest", "UPDATE log SET id = id + 1 ORDER BY id DESC LIMIT 1", "removed", 7 },
    { "records of the version before, which hashed the number, too", OLDER_HASHES "; " OLDER_HEAD, "none", 0 },
    { "one of them changed", OLDER_HASHES "; " OLDER_HEAD "; UPDATE log SET data = 'x' WHERE id = @r + 2", "changed", 3 },
};

static void whoever_was_at_the_log_is_found(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(tampered); i++) {
        const struct verification *v;
        long long first;

        print_message("  %s\n", tampered[i].what);
        world_reset(state);
        scratch_run(w->db, "DELETE FROM postreeve_log_chain WHERE chain > 0"); /* so that the records are one chain */
        make_records(w);
        first = scratch_number(w->db, "SELECT MIN(id) FROM log");
        scratch_run(w->db, "INSERT IGNORE INTO postreeve_log_chain (chain) WITH RECURSIVE n (c) AS"
                           " (SELECT 0 UNION ALL SELECT c + 1 FROM n WHERE c < 63) SELECT c FROM n");
        scratch_run(w->db, "SET @r = (SELECT MIN(id) FROM log); %s", tampered[i].sql);
        assert_int_equal(ASK(w, &super, "log.verify"), DONE);
        v = w->answer.item;
        assert_int_equal(v->sound, tampered[i].record == 0);
        assert_int_equal(v->first, tampered[i].record ? first + tampered[i].record - 1 : 0);
        if (tampered[i].finding)
            assert_string_equal(v->finding.at, tampered[i].finding);
        assert_int_equal(w->answer.alarm, !v->sound);
    }
}

/* Under a key, whoever can write to the database alone cannot forge; without that key one cannot tell. */
static void the_key_is_part_of_it(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const struct verification *v;

    make_records(w);
    w->config.vault = vault_from_key(t, TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    make_records(w);
    assert_int_equal(ASK(w, &super, "log.verify"), DONE);
    v = w->answer.item;
    assert_true(v->sound);
    assert_int_equal(v->records, 2 * RECORDS);
    assert_int_equal(v->keyless, RECORDS);
    w->config.vault = NULL;
    assert_int_equal(ASK(w, &super, "log.verify"), DONE);
    v = w->answer.item;
    assert_string_equal(v->finding.at, "unknown_key");
    task_close(t);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(taken_back_and_done_again),
        WORLD_TEST(a_domain_comes_back_whole),
        WORLD_TEST(what_stands_in_the_way_is_said),
        WORLD_TEST(undone_once),
        WORLD_TEST(whoever_was_at_the_log_is_found),
        WORLD_TEST(the_key_is_part_of_it),
    };

    return cmocka_run_group_tests_name("journal", tests, world_open, world_close);
}
