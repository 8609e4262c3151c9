/* tests/service/test_alias.c - aliases and catch-alls: limits, destinations, loops, and what belongs to mailboxes */
#include "service/world.h"

#define TO(address, list) { &dora, "alias.create", .body = "{\"address\": \"" address "\", \"destinations\": [" list "]}" }
#define LIMIT_DOMAIN(set) "UPDATE domain SET " set " WHERE domain = 'own.example'"
#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define FINE DONE, NULL, NULL, NULL, NULL
#define ALIAS(address, list) \
    "INSERT INTO alias (address, goto, domain) VALUES ('" address "', '" list "', SUBSTRING_INDEX('" address "', '@', -1));"
#define GOTO(address) "SELECT goto, domain, active FROM alias WHERE address = '" address "'"

/* own.example has three aliases, and three mailboxes with rows of their own in the table. */
static const struct play limits[] = {
    { "no limit", NULL, TO("new@own.example", "\"x@y.example\""), FINE },
    { "room for one", LIMIT_DOMAIN("aliases = 4"), TO("new@own.example", "\"x@y.example\""), FINE },
    { "full", LIMIT_DOMAIN("aliases = 3"), TO("new@own.example", "\"x@y.example\""),
      REFUSED("alias_limit_reached", "address") },
    { "over-full", LIMIT_DOMAIN("aliases = 2"), TO("new@own.example", "\"x@y.example\""),
      REFUSED("alias_limit_reached", "address") },
    { "none allowed", LIMIT_DOMAIN("aliases = -1"), TO("new@own.example", "\"x@y.example\""),
      REFUSED("alias_limit_reached", "address") },
    { "a catch-all counts", LIMIT_DOMAIN("aliases = 3"), TO("@own.example", "\"x@y.example\""),
      REFUSED("alias_limit_reached", "address") },
    { "the mailbox limit is not the aliases'", LIMIT_DOMAIN("mailboxes = -1"), TO("new@own.example", "\"x@y.example\""),
      FINE },
    { "a full domain's aliases can be changed", LIMIT_DOMAIN("aliases = 1"),
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"destinations\": [\"x@y.example\"]}" }, FINE },
};

static void limits_hold(void **state)
{
    world_play(*state, limits, COUNT(limits));
}

static const struct play destinations[] = {
    { "several, in their order", NULL, TO("New@OWN.example", "\"z@y.example\", \"X@y.example\""), DONE, NULL, NULL,
      GOTO("new@own.example"), "z@y.example,x@y.example|own.example|1\n" },
    { "one given twice", NULL, TO("new@own.example", "\"x@y.example\", \"X@Y.EXAMPLE\""), DONE, NULL, NULL,
      GOTO("new@own.example"), "x@y.example|own.example|1\n" },
    { "the Japanese carriers' forms", NULL, TO("new@own.example", "\"a..b@docomo.example\", \"\\\"c.\\\"@ez.example\""),
      DONE, NULL, NULL, GOTO("new@own.example"), "\"a..b\"@docomo.example,\"c.\"@ez.example|own.example|1\n" },
    { "a comma inside quotes", NULL, TO("new@own.example", "\"\\\"a,b\\\"@y.example\", \"c@y.example\""), DONE, NULL, NULL,
      GOTO("new@own.example"), "\"a,b\"@y.example,c@y.example|own.example|1\n" },
    { "an account of this host", NULL, TO("new@own.example", "\"root\""), DONE, NULL, NULL, GOTO("new@own.example"),
      "root|own.example|1\n" },
    { "a domain for a domain", NULL, TO("@own.example", "\"@other.example\""), DONE, NULL, NULL, GOTO("@own.example"),
      "@other.example|own.example|1\n" },
    { "a catch-all into a mailbox", NULL, TO("@own.example", "\"plain@own.example\""), DONE, NULL, NULL,
      GOTO("@own.example"), "plain@own.example|own.example|1\n" },
    { "a catch-all by its empty local part", NULL,
      { &dora, "alias.create", .domain = "own.example",
        .body = "{\"local_part\": \"\", \"destinations\": [\"x@y.example\"]}" },
      DONE, NULL, NULL, GOTO("@own.example"), "x@y.example|own.example|1\n" },
    { "an IDN", NULL, TO("new@own.example", "\"おやじ@例え.テスト\""), DONE, NULL, NULL, GOTO("new@own.example"),
      "おやじ@xn--r8jz45g.xn--zckzah|own.example|1\n" },
    { "none", NULL, TO("new@own.example", ""), REFUSED("too_few", "destinations") },
    { "a program", NULL, TO("new@own.example", "\"|/bin/sh\""), REFUSED("bad_destination", "destinations") },
    { "a program in quotes", NULL, TO("new@own.example", "\"\\\"|/bin/sh\\\"@own.example\""),
      REFUSED("bad_destination", "destinations") },
    { "a file", NULL, TO("new@own.example", "\"/etc/passwd\""), REFUSED("bad_destination", "destinations") },
    { "a list in a file", NULL, TO("new@own.example", "\":include:/etc/passwd\""),
      REFUSED("bad_destination", "destinations") },
    { "a line break", NULL, TO("new@own.example", "\"x@y.example\\nz@y.example\""),
      REFUSED("bad_character", "destinations") },
    { "a comma that would be two", NULL, TO("new@own.example", "\"x@y.example,z@y.example\""),
      REFUSED("bad_local_part", "destinations") },
};

static void destinations_are_where_mail_can_go(void **state)
{
    world_play(*state, destinations, COUNT(destinations));
}

#define CHAIN ALIAS("a@own.example", "b@own.example") ALIAS("b@own.example", "c@own.example,x@y.example")
#define ROUND_OFF CHAIN "UPDATE alias SET active = 0 WHERE address = 'b@own.example'"

static const struct play loops[] = {
    { "to itself", NULL, TO("new@own.example", "\"new@own.example\""), REFUSED("self_destination", "destinations") },
    { "to itself, in upper case, among others", NULL, TO("new@own.example", "\"x@y.example\", \"NEW@own.example\""),
      REFUSED("self_destination", "destinations") },
    { "a catch-all to itself", NULL, TO("@own.example", "\"@own.example\""),
      REFUSED("self_destination", "destinations") },
    { "back at once", ALIAS("a@own.example", "new@own.example"), TO("new@own.example", "\"a@own.example\""),
      REFUSED("loop", "destinations") },
    { "back through three", CHAIN, TO("c@own.example", "\"x@y.example\", \"a@own.example\""),
      REFUSED("loop", "destinations") },
    { "back through another domain", ALIAS("a@other.example", "new@own.example"),
      TO("new@own.example", "\"a@other.example\""), REFUSED("loop", "destinations") },
    { "back by a change", CHAIN ALIAS("c@own.example", "x@y.example"),
      { &dora, "alias.update", .key = "c@own.example", .body = "{\"destinations\": [\"a@own.example\"]}" },
      REFUSED("loop", "destinations") },
    { "back through a quoted form", ALIAS("a..b@own.example", "new@own.example"),
      TO("new@own.example", "\"a..b@own.example\""), REFUSED("loop", "destinations") },
    { "three in a row that end well", CHAIN, TO("new@own.example", "\"a@own.example\""), FINE },
    { "the same end by two ways", CHAIN, TO("new@own.example", "\"a@own.example\", \"b@own.example\", \"x@y.example\""),
      FINE },
    { "a circle that others made stays theirs", ALIAS("a@own.example", "b@own.example")
      ALIAS("b@own.example", "a@own.example"), TO("new@own.example", "\"a@own.example\""), FINE },
    { "a mailbox keeps its copy", NULL, TO("new@own.example", "\"plain@own.example\""), FINE },
    { "through one whose time is over", CHAIN "UPDATE alias SET answers_until = 1000 WHERE address = 'b@own.example'",
      TO("c@own.example", "\"a@own.example\""), FINE },
    { "through one whose time is not over", CHAIN "UPDATE alias SET answers_until = 9999999999 WHERE address = 'b@own.example'",
      TO("c@own.example", "\"a@own.example\""), REFUSED("loop", "destinations") },
    { "through one that is switched off", ROUND_OFF, TO("c@own.example", "\"a@own.example\""), FINE },
    { "back by the catch-all, for what has no row", ALIAS("@own.example", "new@own.example"),
      TO("new@own.example", "\"nobody@own.example\""), REFUSED("loop", "destinations") },
    { "a catch-all to what only the catch-all catches", NULL, TO("@own.example", "\"nobody@own.example\""),
      REFUSED("loop", "destinations") },
    { "a catch-all to another domain's, which comes back", ALIAS("@other.example", "nobody@own.example"),
      TO("@own.example", "\"nobody@other.example\""), REFUSED("loop", "destinations") },
    { "back by a domain for a domain", ALIAS("@other.example", "@own.example"), TO("@own.example", "\"@other.example\""),
      REFUSED("loop", "destinations") },
    { "back by an alias domain", NULL, TO("new@own.example", "\"new@own-alias.example\""),
      REFUSED("loop", "destinations") },
    { "an alias domain of another", NULL, TO("new@own.example", "\"plain@other-alias.example\""), FINE },
    { "an alias domain that is switched off", "UPDATE alias_domain SET active = 0",
      TO("new@own.example", "\"new@own-alias.example\""), FINE },
};

static void mail_does_not_go_in_circles(void **state)
{
    world_play(*state, loops, COUNT(loops));
}

#define UNTIL "SELECT COALESCE(answers_until, '-'), active FROM alias WHERE address = 'l-plain@own.example'"

static const struct play belongings[] = {
    { "a mailbox's own row is no alias: to see", NULL, { &dora, "alias.show", .key = "plain@own.example" }, MISSING, NULL,
      NULL, NULL, NULL },
    { "to change", NULL,
      { &dora, "alias.update", .key = "plain@own.example", .body = "{\"destinations\": [\"x@y.example\"]}" }, MISSING,
      NULL, NULL, NULL, NULL },
    { "to delete", NULL, { &dora, "alias.delete", .key = "plain@own.example" }, MISSING, NULL, NULL, NULL, NULL },
    { "to make", NULL, TO("plain@own.example", "\"x@y.example\""), CONFLICT, "taken", "address", NULL, NULL },
    { "to make where the row is lacking", "DELETE FROM alias WHERE address = 'plain@own.example'",
      TO("plain@own.example", "\"x@y.example\""), CONFLICT, "taken", "address", NULL, NULL },
    { "an alias that is there", NULL, TO("l-plain@own.example", "\"x@y.example\""), CONFLICT, "taken", "address", NULL,
      NULL },
    { "a catch-all that is there", ALIAS("@own.example", "x@y.example"), TO("@own.example", "\"x@y.example\""), CONFLICT,
      "taken", "address", NULL, NULL },
    { "no such domain", NULL,
      { &super, "alias.create", .body = "{\"address\": \"x@none.example\", \"destinations\": [\"x@y.example\"]}" },
      REFUSED("no_such_domain", "address") },
    { "a description and whether it is on", NULL,
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"description\": \"窓口\", \"active\": false}" },
      DONE, NULL, NULL, "SELECT goto, description, active FROM alias WHERE address = 'l-plain@own.example'",
      "plain@own.example|窓口|0\n" },
    { "for a while", NULL,
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"until\": \"2026-12-31T24:00:00+09:00\"}" },
      INVALID, "bad_moment", "until", NULL, NULL },
    { "until New Year in Japan", NULL,
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"until\": \"2027-01-01T00:00:00+09:00\"}" }, DONE,
      NULL, NULL, UNTIL, "1798729200|1\n" },
    { "for ever again", "UPDATE alias SET answers_until = 5",
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"until\": null}" }, DONE, NULL, NULL, UNTIL,
      "-|1\n" },
    { "any other change leaves it", "UPDATE alias SET answers_until = 5",
      { &dora, "alias.update", .key = "l-plain@own.example", .body = "{\"description\": \"x\"}" }, DONE, NULL, NULL, UNTIL,
      "5|1\n" },
    { "a mailbox's change leaves its row's", "UPDATE alias SET answers_until = 5",
      { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}" }, DONE, NULL, NULL,
      "SELECT answers_until FROM alias WHERE address = 'plain@own.example'", "5\n" },
    { "made for a while", NULL,
      { &dora, "alias.create", .body = "{\"address\": \"fair@own.example\", \"destinations\": [\"x@y.example\"],"
                                       " \"until\": \"2026-12-31\"}" },
      DONE, NULL, NULL, "SELECT answers_until FROM alias WHERE address = 'fair@own.example'", "1798675200\n" },
    { "deleted", NULL, { &dora, "alias.delete", .key = "l-plain@own.example" }, DONE, NULL, NULL,
      "SELECT COUNT(*) FROM alias WHERE domain = 'own.example'", "5\n" },
};

static void what_belongs_to_a_mailbox_is_the_mailboxs(void **state)
{
    world_play(*state, belongings, COUNT(belongings));
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(limits_hold),
        WORLD_TEST(destinations_are_where_mail_can_go),
        WORLD_TEST(mail_does_not_go_in_circles),
        WORLD_TEST(what_belongs_to_a_mailbox_is_the_mailboxs),
    };

    return cmocka_run_group_tests_name("alias", tests, world_open, world_close);
}
