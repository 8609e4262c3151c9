/* tests/store/test_statements.c - every statement there is prepares on the migrated tables, and each of its names is a
 * field of its shape */
#include "store/scratch.h"

#include "store/statements.h"

#include <string.h>

static const struct {
    const char *name;
    const struct statement *statements;
} arrays[] = {
    { "account", account_statements },   { "alias", alias_statements },     { "alias domain", alias_domain_statements },
    { "domain", domain_statements },     { "image", image_statements },     { "mailbox", mailbox_statements },
    { "journal", journal_statements },   { "request", request_statements }, { "app password", app_password_statements },
    { "log-in", log_in_statements }, { "second factor", second_factor_statements }, { "password reset", password_reset_statements }, { "turn", turn_statements }, { "token", token_statements },
    { "transport", transport_statements }, { "sender access", sender_access_statements },
    { "sender login", sender_login_statements }, { "relay", relay_statements },
    { "fetchmail", fetchmail_statements },
    { "DKIM", dkim_statements },
    { "broadcast", broadcast_statements },
    { "errand", errand_statements },
    { "migrate", migrate_statements },   { "session", session_statements }, { "throttle", throttle_statements },
    { "rename", rename_statements },     { "vacation", vacation_statements },
};

static const struct listing *const listings[] = {
    &admin_listing,
    &alias_domain_listing,
    &alias_listing,
    &app_password_listing,
    &broadcast_listing,
    &dkim_listing,
    &domain_listing,
    &errand_listing,
    &fetchmail_listing,
    &log_listing,
    &mailbox_listing,
    &own_token_listing,
    &relay_listing,
    &sender_access_listing,
    &sender_login_listing,
    &token_listing,
    &transport_listing,
};

static int open_database(void **state)
{
    *state = scratch_migrated();
    return 0;
}

static int drop_database(void **state)
{
    scratch_close(*state);
    return 0;
}

static void assert_sound(struct task *t, const struct statement *s)
{
    struct text problem = TEXT("");
    enum outcome o = statement_check(t, s, &problem);

    if (o != DONE)
        fail_msg("%s: %.*s\n%s", s->name, (int)problem.length, problem.at, s->sql);
}

static void every_statement_prepares_and_names_fields(void **state)
{
    for (size_t i = 0; i < COUNT(arrays); i++) {
        struct task *t = scratch_task(*state);

        print_message("  %s\n", arrays[i].name);
        assert_non_null(arrays[i].statements[0].name);
        for (const struct statement *s = arrays[i].statements; s->name; s++)
            assert_sound(t, s);
        task_close(t);
    }
}

static void every_variant_of_every_list_prepares(void **state)
{
    for (size_t i = 0; i < COUNT(listings); i++) {
        struct task *t = scratch_task(*state);

        print_message("  %s: %zu variants\n", listings[i]->name, listing_variants(listings[i]));
        for (size_t v = 0; v < listing_variants(listings[i]); v++) {
            struct statement s = listing_variant(t, listings[i], v);

            assert_sound(t, &s);
        }
        task_close(t);
    }
}

struct pair {
    int64_t number;
    struct text words;
};
static const struct field pair_fields[] = { COLUMN(struct pair, number), COLUMN(struct pair, words) };
static const struct shape pair_shape = SHAPE(struct pair, "Pair", pair_fields);

/* The check above means something only if it can fail. */
static const struct statement unsound[] = {
    { "no such column", "SELECT username, no_such FROM admin", NULL, &pair_shape },
    { "column that is no field", "SELECT active FROM admin", NULL, &pair_shape },
    { "value that is no field", "SELECT 1 AS number FROM admin WHERE username = :username", &pair_shape, &pair_shape },
    { "values without a shape", "SELECT 1 AS number FROM admin WHERE username = :words", NULL, &pair_shape },
    { "columns without a shape", "SELECT 1 AS number FROM admin", NULL, NULL },
    { "shape without columns", "DELETE FROM admin WHERE username = :words", &pair_shape, &pair_shape },
    { "no SQL", "SELEKT 1 AS number", NULL, &pair_shape },
};

static void an_unsound_statement_is_found(void **state)
{
    struct task *t = scratch_task(*state);
    struct text problem;

    for (size_t i = 0; i < COUNT(unsound); i++) {
        print_message("  %s\n", unsound[i].name);
        assert_int_not_equal(statement_check(t, &unsound[i], &problem), DONE);
    }
    task_close(t);
}

/* A column that an image leaves out would be lost when a deleted row comes back. */
static void images_hold_every_column(void **state)
{
    static const char keeps[] = "image.keep_";
    size_t parts = 0;

    for (const struct statement *s = image_statements; s->name; s++) {
        struct task *t = scratch_task(*state);
        struct text columns, table = text_part(text_of(s->name), sizeof keeps - 1, 64);

        if (strncmp(s->name, keeps, sizeof keeps - 1) != 0) {
            task_close(t);
            continue;
        }
        print_message("  %s\n", table.at);
        columns = text_of(scratch_rows(*state, t, task_printf(t, "SELECT column_name FROM information_schema.columns"
                                                                 " WHERE table_schema = DATABASE() AND table_name = '%s'"
                                                                 " AND is_generated = 'NEVER'",
                                                              table.at).at));
        assert_true(columns.length > 0);
        while (columns.length) {
            size_t end = text_find(columns, '\n');
            struct text column = text_part(columns, 0, end);

            if (column.length && !strstr(s->sql, task_printf(t, "'%.*s', x.", (int)column.length, column.at).at))
                fail_msg("%s leaves out %.*s", s->name, (int)column.length, column.at);
            columns = end == TEXT_NOT_FOUND ? TEXT("") : text_part(columns, end + 1, columns.length);
        }
        parts++;
        task_close(t);
    }
    assert_true(parts >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_prepares_and_names_fields),
        cmocka_unit_test(every_variant_of_every_list_prepares),
        cmocka_unit_test(an_unsound_statement_is_found),
        cmocka_unit_test(images_hold_every_column),
    };

    return cmocka_run_group_tests_name("statements", tests, open_database, drop_database);
}
