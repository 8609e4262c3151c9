/* tests/service/test_rename.c - a mailbox gets another address: what goes along, what it needs, and who may */
#include "service/world.h"

#include "base/shape.h"

#include <string.h>

#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define FINE DONE, NULL, NULL, NULL, NULL
#define RENAME(who, body_) { who, "mailbox.rename", .key = "plain@own.example", .body = body_ }
#define TO(address) "{\"address\": \"" address "\"}"
#define LIMIT(domain, set) "UPDATE domain SET " set " WHERE domain = '" domain "'"
#define ROW "SELECT username, local_part, domain, maildir FROM mailbox WHERE local_part IN ('plain', 'new') AND domain LIKE 'own%'"

static const struct play names[] = {
    { "within its domain", NULL, RENAME(&dora, "{\"local_part\": \"New\"}"), DONE, NULL, NULL, ROW,
      "new@own.example|new|own.example|own.example/plain/\n" },
    { "by its address", NULL, RENAME(&dora, TO("New@OWN.example")), DONE, NULL, NULL, ROW,
      "new@own.example|new|own.example|own.example/plain/\n" },
    { "to another domain of theirs", NULL, RENAME(&dora, TO("new@own-fresh.example")), DONE, NULL, NULL, ROW,
      "new@own-fresh.example|new|own-fresh.example|own.example/plain/\n" },
    { "to the same", NULL, RENAME(&dora, TO("plain@own.example")), CONFLICT, "taken", "address", NULL, NULL },
    { "to a mailbox's", NULL, RENAME(&dora, TO("deputy@own.example")), CONFLICT, "taken", "address", NULL, NULL },
    { "to one that lacks its alias row", "DELETE FROM alias WHERE address = 'deputy@own.example'",
      RENAME(&dora, TO("deputy@own.example")), CONFLICT, "taken", "address", NULL, NULL },
    { "to an alias's", NULL, RENAME(&dora, TO("l-plain@own.example")), CONFLICT, "taken", "address", NULL, NULL },
    { "to nothing", NULL, RENAME(&dora, "{}"), REFUSED("required", "address") },
    { "to two names at once", NULL, RENAME(&dora, "{\"address\": \"new@own.example\", \"local_part\": \"newer\"}"),
      REFUSED("wrong_domain", "local_part") },
    { "to a catch-all", NULL, RENAME(&dora, TO("@own.example")), REFUSED("needs_local_part", "address") },
    { "to what names no directory", NULL, RENAME(&dora, "{\"local_part\": \"a/b\"}"),
      REFUSED("bad_path_character", "address") },
    { "to another's domain", NULL, RENAME(&dora, TO("new@other.example")), DENIED, NULL, NULL, NULL, NULL },
    { "to another's domain, by whom it is", NULL, RENAME(&super, TO("new@other.example")), FINE },
    { "to no domain of ours", NULL, RENAME(&super, TO("new@none.example")), REFUSED("no_such_domain", "address") },
    { "to a name above one's own", NULL, RENAME(&dora, TO("new-chief@own.example")), DENIED, NULL, NULL, NULL, NULL },
    { "to an admin's name, by a super admin", NULL, RENAME(&super, TO("new-chief@own.example")), FINE },
    { "one that is not there", NULL, { &dora, "mailbox.rename", .key = "none@own.example", .body = TO("x@own.example") },
      MISSING, NULL, NULL, NULL, NULL },
    { "one whose alias row is lacking gets one", "DELETE FROM alias WHERE address = 'plain@own.example'",
      RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL, "SELECT goto, domain FROM alias WHERE address = 'new@own.example'",
      "new@own.example|own.example\n" },
};

static void it_gets_a_free_address_that_the_actor_may_give(void **state)
{
    world_play(*state, names, COUNT(names));
}

static const struct play limits[] = {
    { "a full domain has room for its own", LIMIT("own.example", "mailboxes = 1, quota = 1"), RENAME(&dora, TO("new@own.example")),
      FINE },
    { "a full domain elsewhere", LIMIT("own-fresh.example", "mailboxes = -1"), RENAME(&dora, TO("new@own-fresh.example")),
      REFUSED("mailbox_limit_reached", "address") },
    { "no limit where there is a ceiling", LIMIT("own-fresh.example", "maxquota = 1"),
      RENAME(&dora, TO("new@own-fresh.example")), REFUSED("quota_must_be_bounded", "quota_bytes") },
    { "more than is left there", LIMIT("own-fresh.example", "quota = 1") "; UPDATE mailbox SET quota = 1024001",
      RENAME(&dora, TO("new@own-fresh.example")), REFUSED("domain_quota_exceeded", "quota_bytes") },
    { "just what is left there", LIMIT("own-fresh.example", "quota = 1") "; UPDATE mailbox SET quota = 1024000",
      RENAME(&dora, TO("new@own-fresh.example")), FINE },
    { "an alias where there is no room for one", LIMIT("own.example", "aliases = 3"),
      RENAME(&dora, "{\"address\": \"new@own.example\", \"keep_alias\": true}"), REFUSED("alias_limit_reached", "address") },
    { "no alias needs no room", LIMIT("own.example", "aliases = 3"), RENAME(&dora, TO("new@own.example")), FINE },
    { "a forward that would come back",
      "UPDATE alias SET goto = 'new@own.example' WHERE address = 'l-deputy@own.example';"
      "UPDATE alias SET goto = 'l-deputy@own.example,plain@own.example' WHERE address = 'plain@own.example'",
      RENAME(&dora, TO("new@own.example")), REFUSED("loop", "address") },
};

static void it_fits_where_it_goes(void **state)
{
    world_play(*state, limits, COUNT(limits));
}

#define GOTO_OF(address) "SELECT goto, active FROM alias WHERE address = '" address "'"
#define SET_GOTO(list) "UPDATE alias SET goto = '" list "' WHERE address = 'plain@own.example'"

static const struct play forwards[] = {
    { "its own copy", NULL, RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL, GOTO_OF("new@own.example"),
      "new@own.example|1\n" },
    { "a forward with a copy, switched off", SET_GOTO("x@y.example,plain@own.example") "; UPDATE alias SET active = 0",
      RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL, GOTO_OF("new@own.example"), "x@y.example,new@own.example|0\n" },
    { "a forward without a copy", SET_GOTO("x@y.example"), RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL,
      GOTO_OF("new@own.example"), "x@y.example|1\n" },
    { "a vacation", SET_GOTO("x@y.example,plain#own.example@auto.example,plain@own.example"),
      RENAME(&dora, TO("new@own-fresh.example")), DONE, NULL, NULL, GOTO_OF("new@own-fresh.example"),
      "x@y.example,new#own-fresh.example@auto.example,new@own-fresh.example|1\n" },
    { "a name that needs quotes", SET_GOTO("plain#own.example@auto.example,plain@own.example"),
      RENAME(&dora, TO("n..w@own.example")), DONE, NULL, NULL, GOTO_OF("n..w@own.example"),
      "\"n..w#own.example\"@auto.example,\"n..w\"@own.example|1\n" },
    { "nothing stays under the name of before", NULL, RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL,
      "SELECT COUNT(*) FROM alias WHERE address = 'plain@own.example'", "0\n" },
    { "an alias stays on wish", NULL, RENAME(&dora, "{\"local_part\": \"n..w\", \"keep_alias\": true}"), DONE, NULL, NULL,
      GOTO_OF("plain@own.example"), "\"n..w\"@own.example|1\n" },
    { "an alias stays in the domain of before", NULL,
      RENAME(&dora, "{\"address\": \"new@own-fresh.example\", \"keep_alias\": true}"), DONE, NULL, NULL,
      "SELECT goto, domain FROM alias WHERE address = 'plain@own.example'", "new@own-fresh.example|own.example\n" },
};

static void its_forward_goes_along(void **state)
{
    world_play(*state, forwards, COUNT(forwards));
}

#define POINTING                                                                                                      \
    "INSERT INTO alias (address, goto, domain) VALUES"                                                                 \
    " ('a@own.example', 'x@y.example,plain@own.example,z@y.example', 'own.example'),"                                  \
    " ('b@own.example', 'xplain@own.example,plain@own.examples', 'own.example'),"                                      \
    " ('c@other.example', 'plain@own.example', 'other.example');"                                                      \
    "UPDATE alias SET goto = 'plain@own.example,chief@own.example' WHERE address = 'chief@own.example';"               \
    "UPDATE alias SET goto = 'plain@own.example,deputy@own.example' WHERE address = 'deputy@own.example'"
#define POINTED                                                                                                        \
    "SELECT address, goto FROM alias WHERE address IN ('a@own.example', 'b@own.example', 'c@other.example',"           \
    " 'chief@own.example', 'deputy@own.example', 'l-plain@own.example') ORDER BY address"

static const struct play followers[] = {
    { "for a domain admin, what is theirs", POINTING, RENAME(&dora, TO("new@own.example")), DONE, NULL, NULL, POINTED,
      "a@own.example|x@y.example,new@own.example,z@y.example\n"
      "b@own.example|xplain@own.example,plain@own.examples\n"
      "c@other.example|plain@own.example\n"
      "chief@own.example|plain@own.example,chief@own.example\n"
      "deputy@own.example|new@own.example,deputy@own.example\n"
      "l-plain@own.example|new@own.example\n" },
    { "for a super admin, all", POINTING, RENAME(&super, TO("n..w@own.example")), DONE, NULL, NULL, POINTED,
      "a@own.example|x@y.example,\"n..w\"@own.example,z@y.example\n"
      "b@own.example|xplain@own.example,plain@own.examples\n"
      "c@other.example|\"n..w\"@own.example\n"
      "chief@own.example|\"n..w\"@own.example,chief@own.example\n"
      "deputy@own.example|\"n..w\"@own.example,deputy@own.example\n"
      "l-plain@own.example|\"n..w\"@own.example\n" },
};

static void destinations_follow(void **state)
{
    world_play(*state, followers, COUNT(followers));
}

#define BELONGINGS                                                                                                     \
    "DELETE FROM alias WHERE address LIKE 'l-%%'; DELETE FROM postreeve_sender_login;"                                 \
    "INSERT INTO vacation (email, subject, body, cache, domain, active) VALUES ('plain@own.example', 's', 'b', '',"    \
    " 'own.example', 1), ('deputy@own.example', 's', 'b', '', 'own.example', 0);"                                      \
    "INSERT INTO vacation_notification (on_vacation, notified) VALUES ('plain@own.example', 'x@y.example');"           \
    "INSERT INTO quota2 VALUES ('plain@own.example', 7, 1);"                                                           \
    "INSERT INTO quota VALUES ('plain@own.example', 'quota/storage', 7);"                                              \
    "INSERT INTO mailbox_app_password (username, password_hash) VALUES ('plain@own.example', 'hash');"                 \
    "INSERT INTO totp_exception_address (ip, username) VALUES ('192.0.2.9', 'plain@own.example');"                     \
    "INSERT INTO fetchmail (mailbox, src_server, src_user, src_password, src_folder, domain)"                          \
    " VALUES ('plain@own.example', 'h', 'u', 'p', '', 'own.example');"                                                 \
    "INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, created, modified) VALUES"               \
    " ('info@own.example', 'plain@own.example', 'own.example', 'own.example', NOW(), NOW()),"                          \
    " ('plain@own.example', 'deputy@own.example', 'own.example', 'own.example', NOW(), NOW());"                        \
    "INSERT INTO postreeve_second_factor (account, username) VALUES ('mailbox', 'plain@own.example');"                  \
    "INSERT INTO postreeve_recovery_code (account, username, digest) VALUES ('mailbox', 'plain@own.example', 'd');"     \
    "INSERT INTO postreeve_log_in (account, username, at, success) VALUES ('mailbox', 'plain@own.example', NOW(), 1);"  \
    "INSERT INTO postreeve_password_reset (digest, account, username, created)"                                         \
    " VALUES ('d', 'mailbox', 'plain@own.example', NOW());"                                                             \
    "INSERT INTO postreeve_session (digest, username, account, language, created, seen)"                                \
    " VALUES (REPEAT('a', 64), 'plain@own.example', 'mailbox', 'en', NOW(), NOW());"

/* A mailbox that Postfix Admin deleted leaves rows behind; an app password among them would open the next of that name. */
#define LEFTOVERS                                                                                                      \
    "INSERT INTO mailbox_app_password (username, password_hash) VALUES ('new@own-fresh.example', 'old');"              \
    "INSERT INTO quota2 VALUES ('new@own-fresh.example', 9, 9);"                                                       \
    "INSERT INTO vacation (email, subject, body, cache, domain) VALUES ('new@own-fresh.example', 'old', 'old', '', '');"

/* Every table with the name of before in it has the new one in its place; the log has both. */
static void all_that_is_its_own_goes_along(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const char *before;

    scratch_run(w->db, BELONGINGS "DELETE FROM postreeve_session; DELETE FROM postreeve_token; DELETE FROM postreeve_password_reset");
    before = world_places_with(w, t, "plain@own.example", NULL);
    world_reset(state);
    scratch_run(w->db, BELONGINGS LEFTOVERS);
    assert_int_equal(ASK(w, &super, "mailbox.rename", .key = "plain@own.example", .body = TO("new@own-fresh.example")), DONE);
    assert_text(((const struct mailbox *)w->answer.item)->address, "new@own-fresh.example");
    scratch_run(w->db, "DELETE FROM log");
    assert_string_equal(world_places_with(w, t, "plain@own.example", NULL), "");
    assert_string_equal(world_places_with(w, t, "new@own-fresh.example", NULL), before);
    assert_string_equal(scratch_rows(w->db, t, "SELECT email, domain, subject FROM vacation WHERE email LIKE 'new@%'"),
                        "new@own-fresh.example|own-fresh.example|s\n");
    assert_string_equal(scratch_rows(w->db, t, "SELECT mailbox, domain FROM fetchmail WHERE src_server = 'h'"),
                        "new@own-fresh.example|own-fresh.example\n");
    assert_string_equal(scratch_rows(w->db, t, "SELECT login, login_domain, sender, domain FROM postreeve_sender_login"
                                               " ORDER BY login"),
                        "deputy@own.example|own.example|new@own-fresh.example|own-fresh.example\n"
                        "new@own-fresh.example|own-fresh.example|info@own.example|own.example\n");
    task_close(t);
}

static void its_password_stays(void **state)
{
    struct world *w = *state;

    assert_int_equal(ASK(w, &dora, "mailbox.rename", .key = "plain@own.example", .body = TO("new@own.example")), DONE);
    assert_int_equal(ASK(w, &nobody, "session.create",
                         .body = "{\"username\": \"new@own.example\", \"password\": \"" PASSWORD "\"}"), DONE);
    assert_int_equal(ASK(w, &nobody, "session.create",
                         .body = "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}"), STRANGER);
}

/* The contrary is to be renamed back. */
static void it_is_not_undone_by_the_log(void **state)
{
    struct world *w = *state;

    assert_int_equal(ASK(w, &dora, "mailbox.rename", .key = "plain@own.example", .body = TO("new@own.example")), DONE);
    assert_int_equal(w->answer.undo, 0);
    assert_int_equal(ASK(w, &dora, "mailbox.rename", .key = "new@own.example", .body = TO("plain@own.example")), DONE);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(it_gets_a_free_address_that_the_actor_may_give),
        WORLD_TEST(it_fits_where_it_goes),
        WORLD_TEST(its_forward_goes_along),
        WORLD_TEST(destinations_follow),
        WORLD_TEST(all_that_is_its_own_goes_along),
        WORLD_TEST(its_password_stays),
        WORLD_TEST(it_is_not_undone_by_the_log),
    };

    return cmocka_run_group_tests_name("rename", tests, world_open, world_close);
}
