/* tests/service/test_secrets.c - a password goes in, and nothing but its hash is ever found again; a token is nowhere but
 * with its owner */
#include "service/world.h"

#include "model/password.h"

#include <stdio.h>
#include <string.h>

#define CANARY "Kanarienvogel-7531"

static void assert_nowhere(struct world *w, const char *words)
{
    struct task *t = task_open();

    assert_string_equal(world_places_with(w, t, words, NULL), "");
    task_close(t);
}

#define TYPED "\"password\": \"" CANARY "\""

/* Each way a password comes in, whether it is taken or refused. */
static const struct {
    struct ask ask;
    enum outcome outcome;
} ways[] = {
    { { .as = &dora, .verb = "mailbox.create", .body = "{\"address\": \"new@own.example\", " TYPED "}" }, DONE },
    { { .as = &dora, .verb = "mailbox.create", .body = "{\"address\": \"plain@own.example\", " TYPED "}" }, CONFLICT },
    { { .as = &dora, .verb = "mailbox.create", .body = "{\"address\": \"x@other.example\", " TYPED "}" }, DENIED },
    { { .as = &dora, .verb = "mailbox.update", .key = "plain@own.example", .body = "{" TYPED "}" }, DONE },
    { { .as = &dora, .verb = "mailbox.update", .key = "plain@own.example", .body = "{" TYPED "}", .if_match = "\"x\"" },
      STALE },
    { { .as = &super, .verb = "admin.create", .body = "{\"username\": \"third@own.example\", " TYPED "}" }, DONE },
    { { .as = &super, .verb = "admin.update", .key = "dora@own.example", .body = "{" TYPED "}" }, DONE },
    { { .as = &user, .verb = "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"" CANARY "\"}" }, DONE },
    { { .as = &user, .verb = "me.password", .body = "{\"current\": \"" CANARY "\", \"new\": \"another staple 2\"}" },
      INVALID },
    { { .as = &nobody, .verb = "session.create", .body = "{\"username\": \"plain@own.example\", " TYPED "}" }, STRANGER },
    { { .as = &nobody, .verb = "session.create", .body = "{\"username\": \"none@own.example\", " TYPED "}" }, STRANGER },
};

static void a_password_is_nowhere(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(ways); i++) {
        print_message("  %s\n", ways[i].ask.verb);
        world_reset(state);
        assert_int_equal(world_ask(w, &ways[i].ask), ways[i].outcome);
        assert_nowhere(w, CANARY);
        for (const struct problem *p = task_problems(w->t); p; p = p->next) {
            struct text detail = problem_detail(w->t, p);

            assert_null(strstr(task_c_string(w->t, detail), CANARY));
        }
    }
}

/* A hash stands in its own column, once, and not in the log. */
static void a_hash_is_where_it_belongs_alone(void **state)
{
    static const struct { struct ask ask; const char *query, *place; } changes[] = {
        { { .as = &dora, .verb = "mailbox.create", .body = "{\"address\": \"new@own.example\", " TYPED "}" },
          "SELECT password FROM mailbox WHERE username = 'new@own.example'", "mailbox.password: 1\n" },
        { { .as = &dora, .verb = "mailbox.update", .key = "plain@own.example", .body = "{" TYPED "}" },
          "SELECT password FROM mailbox WHERE username = 'plain@own.example'", "mailbox.password: 1\n" },
        { { .as = &super, .verb = "admin.update", .key = "dora@own.example", .body = "{" TYPED "}" },
          "SELECT password FROM admin WHERE username = 'dora@own.example'", "admin.password: 1\n" },
        { { .as = &user, .verb = "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"" CANARY "\"}" },
          "SELECT password FROM mailbox WHERE username = 'plain@own.example'", "mailbox.password: 1\n" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(changes); i++) {
        struct task *t = task_open();
        const char *hash;

        print_message("  %s\n", changes[i].ask.verb);
        world_reset(state);
        assert_int_equal(world_ask(w, &changes[i].ask), DONE);
        hash = scratch_row(w->db, t, "%s", changes[i].query);
        assert_true(password_matches(TEXT(CANARY), text_of(hash)));
        assert_string_equal(world_places_with(w, t, hash, NULL), changes[i].place);
        task_close(t);
    }
}

/* Also where "cleartext" is chosen: the log still has none of it. */
static void a_clear_password_is_in_its_column_alone(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    w->service.scheme = SCHEME_CLEARTEXT;
    assert_int_equal(world_ask(w, &ways[0].ask), DONE);
    assert_string_equal(world_places_with(w, t, CANARY, NULL), "mailbox.password: 1\n");
    assert_int_equal(ASK(w, &dora, "mailbox.delete", .key = "new@own.example"), DONE);
    assert_nowhere(w, CANARY);
    w->service.scheme = SCHEME_MD5CRYPT;
    task_close(t);
}

static void tokens_are_nowhere(void **state)
{
    struct world *w = *state;
    const struct session *s;
    char token[64], csrf[64];

    assert_int_equal(ASK(w, &nobody, "session.create",
                         .body = "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}"), DONE);
    s = w->answer.item;
    snprintf(token, sizeof token, "%.*s", (int)w->answer.session_token.length, w->answer.session_token.at);
    snprintf(csrf, sizeof csrf, "%.*s", (int)s->csrf_token.length, s->csrf_token.at);
    assert_int_equal(strlen(token), 43);
    assert_nowhere(w, token);
    assert_nowhere(w, csrf);
    assert_nowhere(w, PASSWORD);
}

/* Nothing that is shown has a password in it, hashed or not. */
static void no_answer_shows_a_hash(void **state)
{
    static const struct ask asks[] = {
        { .as = &super, .verb = "mailbox.show", .key = "plain@own.example" },
        { .as = &super, .verb = "admin.show", .key = "dora@own.example" },
        { .as = &user, .verb = "me.show" },
        { .as = &dora, .verb = "me.show" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(asks); i++) {
        struct text shown;

        assert_int_equal(world_ask(w, &asks[i]), DONE);
        shown = w->service.describe(w->t, verb_named(text_of(asks[i].verb))->gives, w->answer.item, true);
        assert_null(strstr(shown.at, "$1$"));
        assert_null(strstr(shown.at, "\"password\""));
    }
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_password_is_nowhere),
        WORLD_TEST(a_hash_is_where_it_belongs_alone),
        WORLD_TEST(a_clear_password_is_in_its_column_alone),
        WORLD_TEST(tokens_are_nowhere),
        WORLD_TEST(no_answer_shows_a_hash),
    };

    return cmocka_run_group_tests_name("secrets", tests, world_open, world_close);
}
