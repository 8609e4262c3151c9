/* tests/service/test_mailbox.c - mailboxes: limits, quotas, addresses, forwards; and one's own forward */
#include "service/world.h"

#include "base/shape.h"
#include "model/mailbox.h"

#include <string.h>

#define NEW "\"address\": \"new@own.example\", \"password\": \"another staple 2\""
#define CREATE(...) { &dora, "mailbox.create", .body = "{" NEW __VA_ARGS__ "}" }
#define UPDATE(body_) { &dora, "mailbox.update", .key = "plain@own.example", .body = body_ }
#define LIMIT_DOMAIN(set) "UPDATE domain SET " set " WHERE domain = 'own.example'"
#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define FINE DONE, NULL, NULL, NULL, NULL

/* own.example has three mailboxes and three aliases. */
static const struct play limits[] = {
    { "no limit", NULL, CREATE(""), FINE },
    { "room for one", LIMIT_DOMAIN("mailboxes = 4"), CREATE(""), FINE },
    { "full", LIMIT_DOMAIN("mailboxes = 3"), CREATE(""), REFUSED("mailbox_limit_reached", "address") },
    { "over-full", LIMIT_DOMAIN("mailboxes = 2"), CREATE(""), REFUSED("mailbox_limit_reached", "address") },
    { "none allowed", LIMIT_DOMAIN("mailboxes = -1"), CREATE(""), REFUSED("mailbox_limit_reached", "address") },
    { "the alias limit is not the mailboxes'", LIMIT_DOMAIN("aliases = 3"), CREATE(""), FINE },
    { "a full domain's mailboxes can be changed", LIMIT_DOMAIN("mailboxes = 1"), UPDATE("{\"display_name\": \"x\"}"),
      FINE },
    { "a domain that is switched off is still looked after", LIMIT_DOMAIN("active = 0"), CREATE(""), FINE },
};

static void limits_hold(void **state)
{
    world_play(*state, limits, COUNT(limits));
}

#define EACH_TEN LIMIT_DOMAIN("maxquota = 10")
#define EACH_GIB LIMIT_DOMAIN("maxquota = 1049, maxquota_bytes = 1073741824")
#define ALL_TEN                                                                                              \
    LIMIT_DOMAIN("quota = 10") "; UPDATE mailbox SET quota = 2048000 WHERE domain = 'own.example' AND local_part <> 'chief'"
#define GIVEN "SELECT quota FROM mailbox WHERE username = 'new@own.example'"

static const struct play quotas[] = {
    { "no limit, none asked", NULL, CREATE(""), DONE, NULL, NULL, GIVEN, "0\n" },
    { "no limit, any size", NULL, CREATE(", \"quota_bytes\": 9007199254740992"), DONE, NULL, NULL, GIVEN,
      "9007199254740992\n" },
    { "below the ceiling", EACH_TEN, CREATE(", \"quota_bytes\": 10239999"), FINE },
    { "at the ceiling", EACH_TEN, CREATE(", \"quota_bytes\": 10240000"), FINE },
    { "above the ceiling", EACH_TEN, CREATE(", \"quota_bytes\": 10240001"),
      REFUSED("quota_above_ceiling", "quota_bytes") },
    { "no limit where there is a ceiling", EACH_TEN, CREATE(""), REFUSED("quota_must_be_bounded", "quota_bytes") },
    { "at an exact ceiling", EACH_GIB, CREATE(", \"quota_bytes\": 1073741824"), FINE },
    { "above an exact ceiling, below its units", EACH_GIB, CREATE(", \"quota_bytes\": 1073741825"),
      REFUSED("quota_above_ceiling", "quota_bytes") },
    { "no storage allowed", LIMIT_DOMAIN("maxquota = -1"), CREATE(", \"quota_bytes\": 1"),
      REFUSED("quota_not_allowed", "quota_bytes") },
    { "the rest of the domain's", ALL_TEN, CREATE(", \"quota_bytes\": 6144000"), FINE },
    { "more than the rest", ALL_TEN, CREATE(", \"quota_bytes\": 6144001"),
      REFUSED("domain_quota_exceeded", "quota_bytes") },
    { "no limit where the domain has one", ALL_TEN, CREATE(""), REFUSED("quota_must_be_bounded", "quota_bytes") },
    { "nothing left", ALL_TEN "; UPDATE mailbox SET quota = 99999999 WHERE local_part = 'chief'",
      CREATE(", \"quota_bytes\": 1"), REFUSED("domain_quota_exceeded", "quota_bytes") },
    { "a change counts the others only", ALL_TEN, UPDATE("{\"quota_bytes\": 8192000}"), FINE },
    { "a change beyond what the others leave", ALL_TEN, UPDATE("{\"quota_bytes\": 8192001}"),
      REFUSED("domain_quota_exceeded", "quota_bytes") },
    { "a change to no limit", EACH_TEN, UPDATE("{\"quota_bytes\": null}"), FINE }, /* it had none */
    { "a change from a limit to none", EACH_TEN "; UPDATE mailbox SET quota = 5", UPDATE("{\"quota_bytes\": null}"),
      REFUSED("quota_must_be_bounded", "quota_bytes") },
    { "what an older rule let in stays", EACH_TEN "; UPDATE mailbox SET quota = 99999999",
      UPDATE("{\"display_name\": \"x\", \"quota_bytes\": 99999999}"), FINE },
    { "Postfix Admin's -1 stays", "UPDATE mailbox SET quota = -1", UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL,
      "SELECT quota FROM mailbox WHERE username = 'plain@own.example'", "-1\n" },
};

static void quotas_hold(void **state)
{
    world_play(*state, quotas, COUNT(quotas));
}

#define AT(where) { &super, "mailbox.create", .body = "{" where ", \"password\": \"another staple 2\"}" }
#define UNDER(where) \
    { &dora, "mailbox.create", .domain = "own.example", .body = "{" where ", \"password\": \"another staple 2\"}" }
#define ROW_OF_NEW "SELECT username, local_part, domain, maildir FROM mailbox WHERE password <> '' AND username LIKE '%new%'"

static const struct play addresses[] = {
    { "an address", NULL, AT("\"address\": \"New@OWN.example\""), DONE, NULL, NULL, ROW_OF_NEW,
      "new@own.example|new|own.example|own.example/new/\n" },
    { "a local part under a domain", NULL, UNDER("\"local_part\": \"NEW\""), DONE, NULL, NULL, ROW_OF_NEW,
      "new@own.example|new|own.example|own.example/new/\n" },
    { "both, and they agree", NULL, UNDER("\"address\": \"new@own.example\", \"local_part\": \"new\""), FINE },
    { "both, and they do not", NULL, UNDER("\"address\": \"new@own.example\", \"local_part\": \"newer\""),
      REFUSED("wrong_domain", "local_part") },
    { "another domain than the one addressed", NULL, UNDER("\"address\": \"new@own-fresh.example\""),
      REFUSED("wrong_domain", "address") },
    { "neither", NULL, { &super, "mailbox.create", .body = "{\"password\": \"another staple 2\"}" },
      REFUSED("required", "address") },
    { "a local part, and no domain", NULL, AT("\"local_part\": \"new\""), REFUSED("required", "address") },
    { "no such domain", NULL, AT("\"address\": \"new@none.example\""), REFUSED("no_such_domain", "address") },
    { "an alias domain of ours, by its own limits", NULL, AT("\"address\": \"new@own-alias.example\""), FINE },
    { "under no such domain", NULL,
      { &super, "mailbox.create", .domain = "none.example",
        .body = "{\"local_part\": \"new\", \"password\": \"another staple 2\"}" }, MISSING, NULL, NULL, NULL, NULL },
    { "a mailbox that is there", NULL, AT("\"address\": \"PLAIN@own.example\""), CONFLICT, "taken", "address", NULL,
      NULL },
    { "an alias that is there", NULL, AT("\"address\": \"l-plain@own.example\""), CONFLICT, "taken", "address", NULL,
      NULL },
    { "a mailbox that lacks its alias row", "DELETE FROM alias WHERE address = 'plain@own.example'",
      AT("\"address\": \"plain@own.example\""), CONFLICT, "taken", "address", NULL, NULL },
    { "a slash, which would be another's directory", NULL, AT("\"address\": \"new/../x@own.example\""),
      REFUSED("bad_path_character", "address") },
    { "a dot in front, which would hide it", NULL, AT("\"address\": \"\\\".new\\\"@own.example\""),
      REFUSED("bad_path_character", "address") },
    { "an empty local part", NULL, AT("\"address\": \"@own.example\""), REFUSED("needs_local_part", "address") },
    { "quotes, blanks and such", NULL, AT("\"address\": \"\\\"new 'n\\\\\\\\ew%_\\\"@own.example\""), DONE, NULL, NULL,
      "SELECT username FROM mailbox WHERE username LIKE 'new %'", "new 'n\\ew%_@own.example\n" },
    { "a password that is too short", NULL,
      { &super, "mailbox.create", .body = "{\"address\": \"new@own.example\", \"password\": \"1234567\"}" },
      REFUSED("too_short", "password") },
    { "a password that is the address", NULL,
      { &super, "mailbox.create", .body = "{\"address\": \"new@own.example\", \"password\": \"new@own.example\"}" },
      REFUSED("password_too_weak", "password") },
    { "no password", NULL, { &super, "mailbox.create", .body = "{\"address\": \"new@own.example\"}" },
      REFUSED("required", "password") },
};

static void addresses_are_placed(void **state)
{
    world_play(*state, addresses, COUNT(addresses));
}

#define GOTO "SELECT goto FROM alias WHERE address = 'plain@own.example'"
#define SET_GOTO(list) "UPDATE alias SET goto = '" list "' WHERE address = 'plain@own.example'"
#define VACATION "plain#own.example@autoreply.example"
#define TWO SET_GOTO("x@y.example,z@y.example,plain@own.example")

static const struct play forwards[] = {
    { "none", NULL, CREATE(""), DONE, NULL, NULL, "SELECT goto, active FROM alias WHERE address = 'new@own.example'",
      "new@own.example|1\n" },
    { "with a copy, which comes last", NULL,
      UPDATE("{\"forward\": {\"destinations\": [\"x@y.example\", \"z@y.example\"], \"keep_copy\": true}}"), DONE, NULL,
      NULL, GOTO, "x@y.example,z@y.example,plain@own.example\n" },
    { "without a copy", NULL, UPDATE("{\"forward\": {\"destinations\": [\"x@y.example\"], \"keep_copy\": false}}"), DONE,
      NULL, NULL, GOTO, "x@y.example\n" },
    { "from the start", NULL, CREATE(", \"forward\": {\"destinations\": [\"x@y.example\"], \"keep_copy\": false}"), DONE,
      NULL, NULL, "SELECT goto FROM alias WHERE address = 'new@own.example'", "x@y.example\n" },
    { "keep_copy alone leaves the destinations", TWO, UPDATE("{\"forward\": {\"keep_copy\": false}}"), DONE, NULL, NULL,
      GOTO, "x@y.example,z@y.example\n" },
    { "destinations alone leave keep_copy", SET_GOTO("x@y.example"),
      UPDATE("{\"forward\": {\"destinations\": [\"z@y.example\"]}}"), DONE, NULL, NULL, GOTO, "z@y.example\n" },
    { "an empty patch of it", TWO, UPDATE("{\"forward\": {}}"), DONE, NULL, NULL, GOTO,
      "x@y.example,z@y.example,plain@own.example\n" },
    { "null is the default", SET_GOTO("x@y.example"), UPDATE("{\"forward\": null}"), DONE, NULL, NULL, GOTO,
      "plain@own.example\n" },
    { "nothing said about it", TWO, UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL, GOTO,
      "x@y.example,z@y.example,plain@own.example\n" },
    { "no destination and no copy", NULL, UPDATE("{\"forward\": {\"keep_copy\": false}}"),
      REFUSED("no_destination", "forward.destinations") },
    { "a destination given twice", NULL, UPDATE("{\"forward\": {\"destinations\": [\"x@y.example\", \"X@Y.example\"]}}"),
      DONE, NULL, NULL, GOTO, "x@y.example,plain@own.example\n" },
    { "a carrier's address", NULL, UPDATE("{\"forward\": {\"destinations\": [\"a..b.@docomo.example\"]}}"), DONE, NULL,
      NULL, GOTO, "\"a..b.\"@docomo.example,plain@own.example\n" },
    { "vacation stays when the forward changes", SET_GOTO("x@y.example," VACATION ",plain@own.example"),
      UPDATE("{\"forward\": {\"destinations\": [\"z@y.example\"]}}"), DONE, NULL, NULL, GOTO,
      "z@y.example," VACATION ",plain@own.example\n" },
    { "vacation stays without a copy", SET_GOTO("x@y.example," VACATION ",plain@own.example"),
      UPDATE("{\"forward\": {\"keep_copy\": false}}"), DONE, NULL, NULL, GOTO, "x@y.example," VACATION "\n" },
    { "vacation stays when the forward goes", SET_GOTO("x@y.example," VACATION), UPDATE("{\"forward\": null}"), DONE, NULL,
      NULL, GOTO, VACATION ",plain@own.example\n" },
    { "to an alias that leads back", NULL, UPDATE("{\"forward\": {\"destinations\": [\"l-plain@own.example\"]}}"),
      REFUSED("loop", "forward.destinations") },
    { "back through a mailbox that forwards here", "UPDATE alias SET goto = 'plain@own.example'"
                                                   " WHERE address = 'deputy@own.example'",
      UPDATE("{\"forward\": {\"destinations\": [\"deputy@own.example\"]}}"), REFUSED("loop", "forward.destinations") },
    { "a loop that is there already bars no other change", SET_GOTO("l-plain@own.example"),
      UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL, GOTO, "l-plain@own.example\n" },
    { "nor does a vacation that keeps nothing", SET_GOTO(VACATION), UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL,
      GOTO, VACATION "\n" },
    { "to itself", NULL, UPDATE("{\"forward\": {\"destinations\": [\"Plain@own.example\"]}}"),
      REFUSED("loop", "forward.destinations") },
    { "switched off, and its alias row with it", NULL, UPDATE("{\"active\": false}"), DONE, NULL, NULL,
      "SELECT m.active, a.active FROM mailbox m JOIN alias a ON a.address = m.username"
      " WHERE m.username = 'plain@own.example'", "0|0\n" },
    { "switched on again", "UPDATE mailbox SET active = 0; UPDATE alias SET active = 0", UPDATE("{\"active\": true}"),
      DONE, NULL, NULL, "SELECT m.active, a.active FROM mailbox m JOIN alias a ON a.address = m.username"
      " WHERE m.username = 'plain@own.example'", "1|1\n" },
    { "a mailbox that lacks its alias row gets it", "DELETE FROM alias WHERE address = 'plain@own.example'",
      UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL, GOTO, "plain@own.example\n" },
};

static void forwards_are_postfix_admins(void **state)
{
    world_play(*state, forwards, COUNT(forwards));
}

#define MINE(body_) { &user, "me.set-forward", .body = body_ }

static const struct play own[] = {
    { "with a copy", NULL, MINE("{\"destinations\": [\"x@y.example\"], \"keep_copy\": true}"), DONE, NULL, NULL, GOTO,
      "x@y.example,plain@own.example\n" },
    { "without", NULL, MINE("{\"destinations\": [\"x@y.example\"], \"keep_copy\": false}"), DONE, NULL, NULL, GOTO,
      "x@y.example\n" },
    { "what is not said is the default, as with any PUT", TWO, MINE("{}"), DONE, NULL, NULL, GOTO,
      "plain@own.example\n" },
    { "neither", NULL, MINE("{\"destinations\": [], \"keep_copy\": false}"), REFUSED("no_destination", "destinations") },
    { "vacation stays", SET_GOTO(VACATION ",plain@own.example"), MINE("{\"destinations\": [\"x@y.example\"]}"), DONE,
      NULL, NULL, GOTO, "x@y.example," VACATION ",plain@own.example\n" },
    { "a loop", NULL, MINE("{\"destinations\": [\"l-plain@own.example\"]}"), REFUSED("loop", "destinations") },
    { "the password and all else stay", NULL, MINE("{\"destinations\": [\"x@y.example\"]}"), DONE, NULL, NULL,
      "SELECT password = (SELECT password FROM admin LIMIT 1), maildir, active FROM mailbox"
      " WHERE username = 'plain@own.example'", "1|own.example/plain/|1\n" },
    { "a mailbox that went away meanwhile", "DELETE FROM mailbox; DELETE FROM alias",
      MINE("{\"destinations\": [\"x@y.example\"]}"), MISSING, NULL, NULL, NULL, NULL },
    { "the same, to look at", "DELETE FROM mailbox; DELETE FROM alias", { .as = &user, .verb = "me.forward" }, STRANGER, NULL, NULL,
      NULL, NULL },
};

static void ones_own_forward_is_the_same(void **state)
{
    world_play(*state, own, COUNT(own));
}

/* What was read before somebody else's change is refused; "*" and nothing stand for any version. */
static void a_stale_change_is_refused(void **state)
{
    static const struct { const char *verb, *show, *key, *body; } changes[] = {
        { "mailbox.update", "mailbox.show", "plain@own.example", "{\"display_name\": \"x\"}" },
        { "mailbox.delete", "mailbox.show", "plain@own.example", NULL },
        { "alias.update", "alias.show", "l-plain@own.example", "{\"description\": \"x\"}" },
        { "alias.delete", "alias.show", "l-plain@own.example", NULL },
        { "domain.update", "domain.show", "own.example", "{\"description\": \"x\"}" },
        { "domain.delete", "domain.show", "own-fresh.example", NULL },
        { "alias-domain.update", "alias-domain.show", "own-alias.example", "{\"description\": \"x\"}" },
        { "alias-domain.delete", "alias-domain.show", "own-alias.example", NULL },
        { "admin.update", "admin.show", "deputy@own.example", "{\"domains\": [\"own.example\"]}" },
        { "admin.delete", "admin.show", "deputy@own.example", NULL },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(changes); i++) {
        char etag[64];
        struct ask change = { &super, changes[i].verb, .key = changes[i].key, .body = changes[i].body, .if_match = etag };

        print_message("  %s\n", changes[i].verb);
        world_reset(state);
        assert_int_equal(ASK(w, &super, changes[i].show, .key = changes[i].key), DONE);
        assert_true(w->answer.etag.length > 2 && w->answer.etag.length < sizeof etag);
        memcpy(etag, w->answer.etag.at, w->answer.etag.length + 1);
        change.if_match = "\"something-else\"";
        assert_int_equal(world_ask(w, &change), STALE);
        assert_int_equal(log_rows(w), 0);
        change.if_match = etag;
        assert_int_equal(world_ask(w, &change), DONE);
        assert_int_equal(world_ask(w, &change), strstr(changes[i].verb, "delete") ? MISSING : STALE);
        assert_int_equal(log_rows(w), 1);
    }
    world_reset(state);
    assert_int_equal(ASK(w, &super, "mailbox.delete", .key = "plain@own.example", .if_match = "*"), DONE);
}

/* The answer to a change carries the version that the next look sees. */
static void a_change_answers_with_its_new_version(void **state)
{
    struct world *w = *state;
    char etag[64];

    assert_int_equal(ASK(w, &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}"), DONE);
    memcpy(etag, w->answer.etag.at, w->answer.etag.length + 1);
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "plain@own.example"), DONE);
    assert_text(w->answer.etag, etag);
    scratch_run(w->db, "INSERT INTO quota2 (username, bytes) VALUES ('plain@own.example', 99)");
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "plain@own.example"), DONE);
    assert_text(w->answer.etag, etag); /* a letter that arrives makes nobody's change stale */
    assert_int_equal(ASK(w, &user, "me.forward"), DONE);
    memcpy(etag, w->answer.etag.at, w->answer.etag.length + 1);
    assert_int_equal(ASK(w, &user, "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"]}", .if_match = etag),
                     DONE);
    assert_int_equal(ASK(w, &user, "me.set-forward", .body = "{\"destinations\": [\"z@y.example\"]}", .if_match = etag),
                     STALE);
}

/* A new one is not read again to be shown; so this is where it would show that the database keeps something else. */
static void a_new_one_is_shown_as_it_is_kept(void **state)
{
    static const struct { const char *what, *create, *show, *key, *body, *before; } made[] = {
#define MAILBOX(...) "mailbox.create", "mailbox.show", "new@own.example", "{" NEW __VA_ARGS__ "}"
#define NEW_ALIAS(...) "alias.create", "alias.show", "new@own.example", "{\"address\": \"new@own.example\"" __VA_ARGS__ "}"
        { "as little as can be said", MAILBOX(""), NULL },
        { "all that can", MAILBOX(", \"display_name\": \"花子 🌸\", \"quota_bytes\": 1, \"active\": false, \"smtp_active\": false,"
                                  " \"recovery_address\": \"Me@Elsewhere.example\"") , NULL },
        { "a forward with a copy", MAILBOX(", \"forward\": {\"destinations\": [\"B@Y.example\", \"a@y.example\"]}"),
          NULL },
        { "a forward without", MAILBOX(", \"forward\": {\"destinations\": [\"b@y.example\"], \"keep_copy\": false}"), NULL },
        { "a password that gets old", MAILBOX(""), LIMIT_DOMAIN("password_expiry = 30") },
        { "an alias", NEW_ALIAS(", \"destinations\": [\"B@Y.example\", \"a@y.example\"]"), NULL },
        { "all that can be said of one", NEW_ALIAS(", \"destinations\": [\"b@y.example\"], \"description\": \"窓口\", \"active\": false,"
                                                   " \"until\": \"2027-01-01T00:00:00+09:00\""), NULL },
        { "a catch-all", "alias.create", "alias.show", "@own.example",
          "{\"address\": \"@own.example\", \"destinations\": [\"b@y.example\"]}", NULL },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(made); i++) {
        const struct shape *shape = strstr(made[i].create, "alias") ? &alias_shape : &mailbox_shape;
        char etag[64], shown[1024];
        struct text all;

        print_message("  %s\n", made[i].what);
        world_reset(state);
        if (made[i].before)
            scratch_run(w->db, "%s", made[i].before);
        assert_int_equal(ASK(w, &dora, made[i].create, .body = made[i].body), DONE);
        all = w->service.describe(w->t, shape, w->answer.item, true);
        assert_true(all.length < sizeof shown);
        memcpy(shown, all.at, all.length + 1);
        memcpy(etag, w->answer.etag.at, w->answer.etag.length + 1);
        assert_int_equal(ASK(w, &dora, made[i].show, .key = made[i].key), DONE);
        assert_text(w->service.describe(w->t, shape, w->answer.item, true), shown);
        assert_text(w->answer.etag, etag);
    }
}

static void a_list_of_an_empty_domain_is_empty_and_of_none_is_missing(void **state)
{
    static const char *const verbs[] = { "mailbox.list", "alias.list" };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(verbs); i++) {
        assert_int_equal(ASK(w, &dora, verbs[i], .domain = "own-fresh.example"), DONE);
        assert_int_equal(w->answer.list.rows.count, 0);
        assert_int_equal(ASK(w, &super, verbs[i], .domain = "none.example"), MISSING);
        assert_int_equal(ASK(w, &dora, verbs[i], .domain = "own.example"), DONE);
        assert_int_equal(w->answer.list.rows.count, 2); /* without the chief's */
        assert_int_equal(ASK(w, &dora, verbs[i], .page.search = TEXT("nothing like it"), .domain = "own.example"), DONE);
        assert_int_equal(w->answer.list.rows.count, 0);
    }
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(limits_hold),
        WORLD_TEST(quotas_hold),
        WORLD_TEST(addresses_are_placed),
        WORLD_TEST(forwards_are_postfix_admins),
        WORLD_TEST(ones_own_forward_is_the_same),
        WORLD_TEST(a_stale_change_is_refused),
        WORLD_TEST(a_change_answers_with_its_new_version),
        WORLD_TEST(a_new_one_is_shown_as_it_is_kept),
        WORLD_TEST(a_list_of_an_empty_domain_is_empty_and_of_none_is_missing),
    };

    return cmocka_run_group_tests_name("mailbox", tests, world_open, world_close);
}
