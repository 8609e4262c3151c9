/* tests/service/test_admin.c - admins, of whom one super admin always remains; and the log of what all have done */
#include "service/world.h"

#include <string.h>

#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define FINE DONE, NULL, NULL, NULL, NULL
#define CREATE(more) \
    { &super, "admin.create", .body = "{\"username\": \"third@own.example\", \"password\": \"another staple 2\"" more "}" }
#define UPDATE(name, body_) { &super, "admin.update", .key = name, .body = body_ }
#define DELEGATIONS(name) "SELECT domain, active FROM domain_admins WHERE username = '" name "' ORDER BY domain"
#define ALONE "DELETE FROM admin WHERE superadmin = 1 AND username <> 'super@root.example';"
#define OTHERS_ASLEEP "UPDATE admin SET active = 0 WHERE superadmin = 1 AND username <> 'super@root.example'"

static const struct play admins[] = {
    { "with domains", NULL, CREATE(", \"domains\": [\"own.example\", \"Other.Example\"]"), DONE, NULL, NULL,
      DELEGATIONS("third@own.example"), "other.example|1\nown.example|1\n" },
    { "with a domain given twice", NULL, CREATE(", \"domains\": [\"own.example\", \"OWN.example\"]"), DONE, NULL, NULL,
      DELEGATIONS("third@own.example"), "own.example|1\n" },
    { "a super admin, as Postfix Admin has them", NULL, CREATE(", \"super_admin\": true"), DONE, NULL, NULL,
      "SELECT a.superadmin, d.domain FROM admin a JOIN domain_admins d USING (username)"
      " WHERE username = 'third@own.example'", "1|ALL\n" },
    { "with a domain that is none", NULL, CREATE(", \"domains\": [\"none.example\"]"),
      REFUSED("no_such_domain", "domains") },
    { "a name that is taken", NULL,
      { &super, "admin.create", .body = "{\"username\": \"Dora@own.example\", \"password\": \"another staple 2\"}" },
      CONFLICT, "taken", "username", NULL, NULL },
    { "a password that is too short", NULL,
      { &super, "admin.create", .body = "{\"username\": \"third@own.example\", \"password\": \"1234567\"}" },
      REFUSED("too_short", "password") },
    { "other domains", NULL, UPDATE("dora@own.example", "{\"domains\": [\"other.example\"]}"), DONE, NULL, NULL,
      DELEGATIONS("dora@own.example"), "other.example|1\n" },
    { "no domains", NULL, UPDATE("dora@own.example", "{\"domains\": []}"), DONE, NULL, NULL,
      DELEGATIONS("dora@own.example"), "" },
    { "nothing said of domains", NULL, UPDATE("dora@own.example", "{\"active\": false}"), DONE, NULL, NULL,
      DELEGATIONS("dora@own.example"), "own-alias.example|1\nown-fresh.example|1\nown.example|1\n" },
    { "a delegation whose domain is gone is no obstacle", "INSERT INTO domain_admins (username, domain)"
                                                          " VALUES ('dora@own.example', 'gone.example')",
      UPDATE("dora@own.example", "{\"active\": false}"), DONE, NULL, NULL,
      "SELECT active FROM admin WHERE username = 'dora@own.example'", "0\n" },
    { "promoted", NULL, UPDATE("dora@own.example", "{\"super_admin\": true, \"domains\": []}"), DONE, NULL, NULL,
      DELEGATIONS("dora@own.example"), "ALL|1\n" },
    { "deleted, with the delegations", NULL, { &super, "admin.delete", .key = "dora@own.example" }, DONE, NULL, NULL,
      "SELECT COUNT(*) FROM domain_admins WHERE username = 'dora@own.example'", "0\n" },
    { "one's own account", NULL, { &super, "admin.delete", .key = "super@root.example" }, CONFLICT, "own_account",
      "username", NULL, NULL },
    { "the last super admin: deleted", ALONE, { &super, "admin.delete", .key = "super@root.example" }, CONFLICT,
      "last_super_admin", "username", NULL, NULL },
    { "switched off", ALONE, UPDATE("super@root.example", "{\"active\": false}"), CONFLICT, "last_super_admin", "active",
      NULL, NULL },
    { "degraded", ALONE, UPDATE("super@root.example", "{\"super_admin\": false}"), CONFLICT, "last_super_admin",
      "super_admin", NULL, NULL },
    { "degraded, with others who are switched off", OTHERS_ASLEEP,
      UPDATE("super@root.example", "{\"super_admin\": false}"), CONFLICT, "last_super_admin", "super_admin", NULL, NULL },
    { "changed otherwise", ALONE, UPDATE("super@root.example", "{\"password\": \"another staple 2\"}"), FINE },
    { "degraded while others remain", NULL, UPDATE("super@root.example", "{\"super_admin\": false}"), FINE },
    { "deleting one who is switched off", ALONE "INSERT INTO admin (username, password, superadmin, active)"
                                                " VALUES ('old@root.example', '', 1, 0)",
      { &super, "admin.delete", .key = "old@root.example" }, FINE },
};

static void somebody_is_always_left(void **state)
{
    world_play(*state, admins, COUNT(admins));
}

/* What another's password was good for ends with it. */
static void a_new_password_ends_the_sessions(void **state)
{
    static const struct { const char *verb, *key, *left; } changes[] = {
        { "admin.update", "deputy@own.example", "other|mine" },
        { "mailbox.update", "deputy@own.example", "admin|mine" },
    };
    static const char sessions[] =
        "INSERT INTO postreeve_session (digest, username, account, created, seen) VALUES"
        " ('admin', 'deputy@own.example', 'admin', NOW(), NOW()),"
        " ('other', 'deputy@own.example', 'mailbox', NOW(), NOW()),"
        " ('mine', 'super@root.example', 'admin', NOW(), NOW())";
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(changes); i++)
        for (int named = 0; named <= 1; named++) {
            world_reset(state);
            scratch_run(w->db, sessions);
            assert_int_equal(ASK(w, &super, changes[i].verb, .key = changes[i].key,
                                 .body = named ? "{\"password\": \"another staple 2\"}" : "{\"active\": true}"), DONE);
            assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), named ? 2 : 3);
            assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session WHERE '%s' LIKE"
                                                   " CONCAT('%%', digest, '%%')", changes[i].left), 2);
        }
}

static const struct {
    struct ask ask;
    const char *row; /* actor, source, via, action, target, domain, before, after; Postfix Admin's column username */
} records[] = {
    { { &super, "domain.create", .body = "{\"domain\": \"new.example\", \"mailbox_limit\": 5}" },
      "super@root.example|192.0.2.1|browser|domain.create|new.example|new.example|NULL|{\"domain\":\"new.example\","
      "\"description\":\"\",\"active\":true,\"mailbox_limit\":5,\"alias_limit\":null,\"mailbox_quota_max_bytes\":null,"
      "\"quota_bytes\":null,\"transport\":\"virtual\",\"backup_mx\":false,\"password_expiry_days\":0}|super@root.example (192.0.2.1)" },
    { { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"太郎\"}" },
      "dora@own.example|192.0.2.1|browser|mailbox.update|plain@own.example|own.example|{\"address\":\"plain@own.example\","
      "\"display_name\":\"\",\"quota_bytes\":null,\"active\":true,\"smtp_active\":true,"
      "\"forward\":{\"destinations\":[],\"keep_copy\":true},\"recovery_address\":\"\"}|"
      "{\"address\":\"plain@own.example\",\"display_name\":\"太郎\",\"quota_bytes\":null,\"active\":true,"
      "\"smtp_active\":true,\"forward\":{\"destinations\":[],\"keep_copy\":true},\"recovery_address\":\"\"}|dora@own.example (192.0.2.1)" },
    { { &dora, "alias.delete", .key = "l-plain@own.example" },
      "dora@own.example|192.0.2.1|browser|alias.delete|l-plain@own.example|own.example|"
      "{\"address\":\"l-plain@own.example\",\"destinations\":[\"plain@own.example\"],\"description\":\"\","
      "\"active\":true,\"until\":null}|NULL|dora@own.example (192.0.2.1)" },
    { { &dora, "alias-domain.delete", .key = "own-alias.example" },
      "dora@own.example|192.0.2.1|browser|alias-domain.delete|own-alias.example|own.example|"
      "{\"alias_domain\":\"own-alias.example\",\"target_domain\":\"own.example\",\"description\":\"\",\"active\":true}|"
      "NULL|dora@own.example (192.0.2.1)" },
    { { &user, "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"]}" },
      "plain@own.example|192.0.2.1|browser|me.set-forward|plain@own.example|own.example|"
      "{\"destinations\":[],\"keep_copy\":true}|{\"destinations\":[\"x@y.example\"],\"keep_copy\":true}|"
      "plain@own.example (192.0.2.1)" },
    { { &super, "admin.update", .key = "dora@own.example", .body = "{\"password\": \"another staple 2\"}" },
      "super@root.example|192.0.2.1|browser|admin.update|dora@own.example||{\"username\":\"dora@own.example\","
      "\"super_admin\":false,\"domains\":[\"own-alias.example\",\"own-fresh.example\",\"own.example\"],\"active\":true,\"recovery_address\":\"\"}|"
      "{\"username\":\"dora@own.example\",\"super_admin\":false,"
      "\"domains\":[\"own-alias.example\",\"own-fresh.example\",\"own.example\"],\"active\":true,\"recovery_address\":\"\"}|"
      "super@root.example (192.0.2.1)" },
};

static void the_log_says_who_did_what_to_what(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(records); i++) {
        print_message("  %s\n", records[i].ask.verb);
        world_reset(state);
        assert_int_equal(world_ask(w, &records[i].ask), DONE);
        assert_string_equal(scratch_row(w->db, w->t, "SELECT actor, source, via, action, data, domain, before_state,"
                                                     " after_state, username FROM log"), records[i].row);
    }
}

/* A record that cannot be written undoes its change. */
static void no_change_without_its_record(void **state)
{
    static const struct ask changes[] = {
        { .as = &super, .verb = "domain.update", .key = "own.example", .body = "{\"description\": \"x\"}" },
        { .as = &super, .verb = "domain.delete", .key = "own-fresh.example" },
        { .as = &dora, .verb = "mailbox.create",
          .body = "{\"address\": \"new@own.example\", \"password\": \"another staple 2\"}" },
        { .as = &dora, .verb = "mailbox.delete", .key = "plain@own.example" },
        { .as = &dora, .verb = "alias.create",
          .body = "{\"address\": \"new@own.example\", \"destinations\": [\"x@y.example\"]}" },
        { .as = &user, .verb = "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"]}" },
        { .as = &user, .verb = "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" },
        { .as = &nobody, .verb = "session.create",
          .body = "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}" },
        { .as = &super, .verb = "admin.delete", .key = "dora@own.example" },
    };
    struct world *w = *state;

    scratch_run(w->db, "CREATE TRIGGER no_log BEFORE INSERT ON log FOR EACH ROW"
                       " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the log is full'");
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct task *t = task_open();
        const char *before = scratch_fingerprint(w->db, t);
        enum outcome o = world_ask(w, &changes[i]);

        print_message("  %s\n", changes[i].verb);
        assert_true(o == RETRY || o == BROKEN);
        assert_string_equal(scratch_fingerprint(w->db, t), before);
        task_close(t);
    }
    scratch_run(w->db, "DROP TRIGGER no_log");
}

/* Whoever looks sees what happened in their domains, newest first, and nothing of their betters. */
static void everybody_reads_their_own_part_of_the_log(void **state)
{
    static const struct ask changes[] = {
        { .as = &super, .verb = "mailbox.update", .key = "chief@own.example", .body = "{\"display_name\": \"x\"}" },
        { .as = &super, .verb = "mailbox.update", .key = "plain@other.example", .body = "{\"display_name\": \"x\"}" },
        { .as = &super, .verb = "domain.update", .key = "own.example", .body = "{\"description\": \"x\"}" },
        { .as = &dora, .verb = "alias.delete", .key = "l-plain@own.example" },
    };
    struct world *w = *state;
    const struct record *rows;

    for (size_t i = 0; i < COUNT(changes); i++)
        assert_int_equal(world_ask(w, &changes[i]), DONE);
    assert_int_equal(ASK(w, &super, "log.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 4);
    assert_int_equal(ASK(w, &dora, "log.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
    rows = w->answer.list.rows.items;
    assert_text(rows[0].verb, "alias.delete");
    assert_text(rows[1].verb, "domain.update");
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(somebody_is_always_left),
        WORLD_TEST(a_new_password_ends_the_sessions),
        WORLD_TEST(the_log_says_who_did_what_to_what),
        WORLD_TEST(no_change_without_its_record),
        WORLD_TEST(everybody_reads_their_own_part_of_the_log),
    };

    return cmocka_run_group_tests_name("admin", tests, world_open, world_close);
}
