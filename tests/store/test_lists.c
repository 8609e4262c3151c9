/* tests/store/test_lists.c - pages put together are the whole list, each row once, for every list, sort and direction;
 * and nobody's list shows more than theirs */
#include "store/scratch.h"

#include "model/secret.h"
#include "store/domain.h"
#include "store/mailbox.h"
#include "store/statements.h"

#include <stdlib.h>
#include <string.h>

#define PER_DOMAIN 23
#define ROWS (2 * PER_DOMAIN)
#define KEYS_MAX 7000

/* Two domains, one of them dora's; in each as many mailboxes and aliases, whose sort values often are equal. */
static void fill(struct scratch *s)
{
    scratch_run(s,
                "INSERT INTO domain (domain, description, modified) SELECT CONCAT('d', seq, '.example'),"
                " CONCAT('number ', seq), '2026-01-01' + INTERVAL seq %% 3 DAY FROM seq_1_to_%d;"
                "INSERT INTO domain (domain, description) VALUES ('a.example', 'Söme'), ('b.example', 'other'),"
                " ('ALL', 'no domain')",
                ROWS - 2);
    scratch_run(s,
                "INSERT INTO mailbox (username, password, name, maildir, quota, local_part, domain, modified)"
                " SELECT CONCAT('m', seq, '@', IF(seq %% 2, 'a', 'b'), '.example'), 'x',"
                " ELT(1 + seq %% 5, 'Ann', 'ann', 'ANN', 'Änn', ''), 'x/', ELT(1 + seq %% 4, -1, 0, 5, 9),"
                " CONCAT('m', seq), CONCAT(IF(seq %% 2, 'a', 'b'), '.example'), '2026-01-01' + INTERVAL seq %% 3 DAY"
                " FROM seq_1_to_%d;"
                "INSERT INTO quota2 (username, bytes, messages) SELECT username, LENGTH(username) %% 2, 1 FROM mailbox"
                " WHERE username LIKE 'm1%%'",
                ROWS);
    scratch_run(s,
                "INSERT INTO alias (address, goto, domain, modified)"
                " SELECT username, username, domain, modified FROM mailbox;"
                "INSERT INTO alias (address, goto, domain, description, modified)"
                " SELECT CONCAT('l', seq, '@', IF(seq %% 2, 'a', 'b'), '.example'), 'x@y.example',"
                " CONCAT(IF(seq %% 2, 'a', 'b'), '.example'), '', '2026-01-01' + INTERVAL seq %% 3 DAY"
                " FROM seq_1_to_%d;"
                "INSERT INTO alias_domain (alias_domain, target_domain) SELECT CONCAT('d', seq, '.example'),"
                " CONCAT(IF(seq %% 2, 'a', 'b'), '.example') FROM seq_1_to_%d",
                ROWS, ROWS);
    scratch_run(s,
                "INSERT INTO admin (username, password) SELECT CONCAT('admin', seq, '@a.example'), 'x' FROM seq_1_to_%d;"
                "INSERT INTO admin (username, password, superadmin) VALUES ('dora@a.example', 'x', 0),"
                " ('m1@a.example', 'x', 1), ('l3@a.example', 'x', 1);"
                "INSERT INTO domain_admins (username, domain) VALUES ('dora@a.example', 'a.example');"
                "INSERT INTO domain_admins (username, domain, active) VALUES ('dora@a.example', 'b.example', 0)",
                ROWS - 3);
    scratch_run(s,
                "INSERT INTO log (timestamp, username, domain, action, data)"
                " SELECT '2026-01-01', 'x', IF(seq %% 2, 'a.example', 'b.example'), 'mailbox.update',"
                " CONCAT('m', seq, '@', IF(seq %% 2, 'a', 'b'), '.example') FROM seq_1_to_%d",
                ROWS);
}

static int open_database(void **state)
{
    secret_start();
    *state = scratch_migrated();
    fill(*state);
    return 0;
}

static int drop_database(void **state)
{
    scratch_close(*state);
    return 0;
}

struct row_of { /* a list, how many rows are its in all, and how many of them dora's */
    const struct listing *listing;
    size_t all, doras;
};
static const struct row_of lists[] = {
    { &admin_listing, ROWS, ROWS },
    { &alias_listing, ROWS, PER_DOMAIN - 1 },      /* l3 is a super admin's name */
    { &alias_domain_listing, ROWS, PER_DOMAIN },
    { &domain_listing, ROWS, 1 },                  /* without 'ALL' */
    { &log_listing, ROWS, PER_DOMAIN - 1 },        /* without what was done to m1 */
    { &mailbox_listing, ROWS, PER_DOMAIN - 1 },    /* m1 is a super admin's name */
};

static const struct field *key_of(const struct listing *l)
{
    for (size_t i = 0; i < l->gives->count; i++)
        if (l->gives->fields[i].flags & KEY)
            return &l->gives->fields[i];
    fail_msg("%s has no key", l->name);
    return NULL;
}

static struct text key_in(struct task *t, const struct listing *l, const struct list *page, size_t index)
{
    const struct field *key = key_of(l);
    const char *row = (const char *)page->rows.items + index * l->gives->size;

    if (key->kind == KIND_INTEGER)
        return task_printf(t, "%lld", (long long)*(const int64_t *)field_in(key, row));
    return *(const struct text *)field_in(key, row);
}

struct keys {
    struct text at[KEYS_MAX];
    size_t count;
};

/* All keys, page after page, of at most `limit` rows each. */
static void walk(struct task *t, const struct listing *l, struct text sort, const struct scope *scope, int64_t limit,
                 struct keys *out)
{
    struct page page = { .limit = limit, .sort = sort };
    struct list list;

    out->count = 0;
    do {
        assert_int_equal(listing_page(t, l, &page, scope, &list), DONE);
        assert_true(list.rows.count <= (size_t)limit);
        assert_true(list.rows.count == (size_t)limit || !list.next.at);
        for (size_t i = 0; i < list.rows.count; i++) {
            assert_true(out->count < KEYS_MAX); /* or it goes round in circles */
            out->at[out->count++] = key_in(t, l, &list, i);
        }
        page.cursor = list.next;
    } while (list.next.at);
}

static void assert_each_once(const struct keys *k)
{
    for (size_t i = 0; i < k->count; i++)
        for (size_t j = i + 1; j < k->count; j++)
            if (text_equal(k->at[i], k->at[j]))
                fail_msg("%.*s is there twice", (int)k->at[i].length, k->at[i].at);
}

static void assert_same(const struct keys *is, const struct keys *wanted)
{
    assert_int_equal(is->count, wanted->count);
    for (size_t i = 0; i < is->count; i++)
        assert_true(text_equal(is->at[i], wanted->at[i]));
}

static void turn_round(struct keys *k)
{
    for (size_t i = 0; i < k->count / 2; i++) {
        struct text early = k->at[i];

        k->at[i] = k->at[k->count - 1 - i];
        k->at[k->count - 1 - i] = early;
    }
}

static void pages_are_the_whole_list(void **state)
{
    static const int64_t limits[] = { 1, 2, 3, 7, ROWS - 1, ROWS };
    static const struct scope everybody = { 0 };
    static struct keys whole, upward, paged;

    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct listing *l = lists[i].listing;
        struct task *t = scratch_task(*state);

        for (size_t s = 0; s < 2 * l->sort_count; s++) {
            struct text sort = task_printf(t, "%s%s", s & 1 ? "-" : "", l->sorts[s / 2].field);

            print_message("  %s by %s\n", l->name, sort.at);
            walk(t, l, sort, &everybody, PAGE_LIMIT_MAX, &whole);
            assert_int_equal(whole.count, lists[i].all);
            assert_each_once(&whole);
            for (size_t k = 0; k < COUNT(limits); k++) {
                walk(t, l, sort, &everybody, limits[k], &paged);
                assert_same(&paged, &whole);
            }
            if (s & 1) { /* downward is upward, turned round */
                turn_round(&upward);
                assert_same(&whole, &upward);
            }
            upward = whole;
        }
        task_close(t);
    }
}

/* The order that SQL itself gives, said once more and by hand. */
static const struct {
    const char *sort, *order;
} orders[] = {
    { "address", "username" },
    { "-address", "username DESC" },
    { "display_name", "name COLLATE utf8mb4_unicode_ci, username" },
    { "-usage_bytes", "(SELECT COALESCE(MAX(bytes), 0) FROM quota2 q WHERE q.username = m.username) DESC, username DESC" },
    { "quota_bytes", "quota, username" },
    { "modified", "modified, username" },
};

static void mailboxes_are_in_the_order_asked_for(void **state)
{
    static const struct scope everybody = { 0 };
    static struct keys paged;

    for (size_t i = 0; i < COUNT(orders); i++) {
        struct task *t = scratch_task(*state);
        struct text all = TEXT("");

        print_message("  %s\n", orders[i].sort);
        walk(t, &mailbox_listing, text_of(orders[i].sort), &everybody, 5, &paged);
        for (size_t n = 0; n < paged.count; n++)
            all = task_join(t, task_join(t, all, paged.at[n]), TEXT("\n"));
        assert_string_equal(all.at, scratch_rows(*state, t, task_printf(t, "SELECT username FROM mailbox m ORDER BY %s",
                                                                        orders[i].order).at));
        task_close(t);
    }
}

static size_t total_of(struct task *t, const struct listing *l, const char *search, const struct scope *scope)
{
    struct page page = { .limit = PAGE_LIMIT_MAX, .search = text_of(search), .total = true };
    struct list list;

    assert_int_equal(listing_page(t, l, &page, scope, &list), DONE);
    assert_true(list.has_total);
    assert_int_equal(list.total, list.rows.count);
    return list.rows.count;
}

static void an_owners_list_holds_what_is_theirs(void **state)
{
    static const struct scope doras = { .owner = { "dora@a.example", 14 } };
    static struct keys rows;

    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct listing *l = lists[i].listing;
        struct task *t = scratch_task(*state);

        print_message("  %s\n", l->name);
        if (!l->domain) { /* admins have no domain: super admins alone come here (model/permit) */
            task_close(t);
            continue;
        }
        assert_int_equal(total_of(t, l, "", &doras), lists[i].doras);
        for (size_t s = 0; s < 2 * l->sort_count; s++) {
            walk(t, l, task_printf(t, "%s%s", s & 1 ? "-" : "", l->sorts[s / 2].field), &doras, 3, &rows);
            assert_int_equal(rows.count, lists[i].doras);
        }
        task_close(t);
    }
}

static const struct {
    const char *search, *domain, *owner;
    size_t found;
} scopes[] = {
    { "", NULL, NULL, ROWS },
    { "", "a.example", NULL, PER_DOMAIN },
    { "", "a.example", "dora@a.example", PER_DOMAIN - 1 },
    { "", "b.example", "dora@a.example", 0 },        /* a delegation that is switched off */
    { "m1@a.example", NULL, NULL, 1 },
    { "m1@a.example", NULL, "dora@a.example", 0 },   /* a super admin: not even by search */
    { "b.example", NULL, "dora@a.example", 0 },
    { "", "none.example", NULL, 0 },
    { "", NULL, "nobody@a.example", 0 },
};

static void scopes_hide_what_lies_outside(void **state)
{
    for (size_t i = 0; i < COUNT(scopes); i++) {
        struct scope scope = { .domain = text_of(scopes[i].domain), .owner = text_of(scopes[i].owner) };
        struct task *t = scratch_task(*state);

        print_message("  '%s' in %s for %s\n", scopes[i].search, scopes[i].domain ? scopes[i].domain : "all",
                      scopes[i].owner ? scopes[i].owner : "all");
        assert_int_equal(total_of(t, &mailbox_listing, scopes[i].search, &scope), scopes[i].found);
        task_close(t);
    }
}

/* Who has more rows than are quickly sorted gets them by another way; it leads to the same rows in the same order. */
static void an_owner_of_many_rows_gets_the_same_pages(void **state)
{
    static const struct scope emmas = { .owner = { "emma@a.example", 14 } };
    static struct keys rows;
    struct task *t = scratch_task(*state);
    struct text all = TEXT("");

    scratch_run(*state, "INSERT INTO domain (domain) VALUES ('many.example');"
                        "INSERT INTO mailbox (username, password, maildir, local_part, domain)"
                        " SELECT CONCAT('n', seq, '@many.example'), '', '', CONCAT('n', seq), 'many.example' FROM seq_1_to_6000;"
                        "INSERT INTO domain_admins (username, domain) VALUES ('emma@a.example', 'many.example'),"
                        " ('emma@a.example', 'a.example')");
    for (int downward = 0; downward < 2; downward++) {
        struct page page = { .limit = 200, .sort = downward ? TEXT("-address") : TEXT("address"), .total = true };
        struct list list;

        all = TEXT("");
        for (int i = 0; i < 2; i++) {
            assert_int_equal(listing_page(t, &mailbox_listing, &page, &emmas, &list), DONE);
            assert_int_equal(list.total, 6000 + PER_DOMAIN - 1); /* m1 is a super admin's name */
            for (size_t n = 0; n < list.rows.count; n++)
                all = task_join(t, task_join(t, all, key_in(t, &mailbox_listing, &list, n)), TEXT("\n"));
            page.cursor = list.next;
        }
        assert_string_equal(all.at, scratch_rows(*state, t, task_printf(t,
                            "SELECT username FROM mailbox WHERE domain IN ('many.example', 'a.example')"
                            " AND username <> 'm1@a.example' ORDER BY username%s LIMIT 400", downward ? " DESC" : "").at));
    }
    walk(t, &mailbox_listing, TEXT("-quota_bytes"), &emmas, PAGE_LIMIT_MAX, &rows);
    assert_int_equal(rows.count, 6000 + PER_DOMAIN - 1);
    scratch_run(*state, "DELETE FROM mailbox WHERE domain = 'many.example'; DELETE FROM domain WHERE domain = 'many.example'");
    task_close(t);
}

static const struct {
    const char *search;
    size_t found;
} searches[] = {
    { "100%", 1 }, { "0%_", 1 }, { "%", 1 }, { "_sure", 1 }, { "100x", 1 }, { "\\", 1 }, { "back\\sl", 1 },
    { "söme", 1 }, { "SÖME", 1 }, { "'", 1 }, { "' OR ''='", 0 }, { "wild", 0 },
};

static void a_search_is_for_the_text_itself(void **state)
{
    static const struct scope everybody = { 0 };

    scratch_run(*state, "UPDATE domain SET description = '100%%_sure' WHERE domain = 'd1.example';"
                        "UPDATE domain SET description = '100x' WHERE domain = 'd2.example';"
                        "UPDATE domain SET description = 'back\\\\slash' WHERE domain = 'd3.example';"
                        "UPDATE domain SET description = 'it''s' WHERE domain = 'd4.example'");
    for (size_t i = 0; i < COUNT(searches); i++) {
        struct task *t = scratch_task(*state);

        print_message("  %s\n", searches[i].search);
        assert_int_equal(total_of(t, &domain_listing, searches[i].search, &everybody), searches[i].found);
        task_close(t);
    }
}

/* Addresses are kept in lower case; people type as they like. */
static void a_search_does_not_mind_the_case(void **state)
{
    static const struct scope everybody = { 0 };
    struct task *t = scratch_task(*state);

    assert_int_equal(total_of(t, &mailbox_listing, "M1@A.Example", &everybody), 1);
    assert_int_equal(total_of(t, &alias_listing, "L1@A.Example", &everybody), 1);
    assert_int_equal(total_of(t, &domain_listing, "D1.Example", &everybody), 1);
    assert_int_equal(total_of(t, &alias_domain_listing, "D1.Example", &everybody), 1);
    assert_int_equal(total_of(t, &admin_listing, "Admin1@", &everybody), 1);
    task_close(t);
}

/* What is looked for in names and addresses, many of which a byte-wise eye would not take for the same. */
static const char *const words[] = {
    "a", "Jurgen", "jürgen", "JÜRGEN", "Ｍａｒｙ", "mary", "カナ", "かな", "ｶﾅ", "山", "山田", "がく", "かく", "straße", "STRASSE",
    "n o", " ", "m1@", "@a.example", "M1@A.EXAMPLE", "10%", "%", "_", "\\", "😀", "㍿", "株", "字字字", "字end", "end", "zzz", "'",
};

static void assert_sifted_rightly(struct scratch *s, struct task *t, const char *word, const char *domain)
{
    struct page page = { .limit = PAGE_LIMIT_MAX, .search = text_of(word), .total = true };
    struct scope scope = { .domain = text_of(domain) };
    struct text pattern = TEXT("%"), one;
    long long wanted;
    struct list list;

    for (size_t i = 0; word[i]; i++) {
        one = task_printf(t, "%s%c", strchr("%_\\'", word[i]) ? word[i] == '\'' ? "'" : "\\" : "", word[i]);
        pattern = task_join(t, pattern, word[i] == '\\' ? TEXT("\\\\\\\\") : one);
    }
    wanted = scratch_number(s, "SELECT COUNT(*) FROM mailbox WHERE (username LIKE LOWER('%s%%')"
                               " OR name COLLATE utf8mb4_unicode_ci LIKE '%s%%') AND ('%s' = '' OR domain = '%s')",
                            task_c_string(t, pattern), task_c_string(t, pattern), domain ? domain : "",
                            domain ? domain : "");
    assert_int_equal(listing_page(t, &mailbox_listing, &page, &scope, &list), DONE);
    if ((long long)list.rows.count != wanted || list.total != wanted)
        fail_msg("'%s' in %s: %zu rows, total %lld, but %lld match", word, domain ? domain : "all", list.rows.count,
                 (long long)list.total, wanted);
}

/* The index's sieve lets everything through that the comparison finds; cut values (long names), too. */
static void a_search_finds_what_the_comparison_finds(void **state)
{
    scratch_run(*state,
                "SET @n = 0;"
                "UPDATE mailbox SET name = ELT(1 + (@n := @n + 1) %% 18, 'Jürgen', 'JURGEN', 'Ｍａｒｙ Ann', 'MARY', 'カナ', 'かな',"
                " 'ｶﾅ', '山田 太郎', 'がくせい', 'Straße', 'strasse', 'Ann ', '10%%', 'a_b\\\\c', '😀 smile', '㍿山田',"
                " CONCAT(REPEAT('字', 252), 'end'), 'O''Hara') ORDER BY username");
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM mailbox WHERE LENGTH(postreeve_search) = 1024"), 2);
    for (size_t i = 0; i < COUNT(words); i++) {
        struct task *t = scratch_task(*state);

        assert_sifted_rightly(*state, t, words[i], NULL);
        assert_sifted_rightly(*state, t, words[i], "a.example");
        task_close(t);
    }
}

static struct text constant_for(const char *name)
{
    if (strncmp(name, ":limit", 6) == 0)
        return TEXT("51");
    if (strncmp(name, ":owner", 6) == 0)
        return TEXT("'dora@a.example'");
    return strncmp(name, ":domain", 7) == 0 ? TEXT("'a.example'") : TEXT("'5'");
}

/* A statement with constants in the place of its values. */
static struct text with_constants(struct task *t, const char *sql)
{
    struct text all = TEXT("");

    while (*sql) {
        size_t plain = strcspn(sql, ":"), name = plain + (sql[plain] ? 1 : 0);

        name += strspn(sql + name, "abcdefghijklmnopqrstuvwxyz_");
        all = task_join(t, all, (struct text){ sql, plain });
        if (name > plain)
            all = task_join(t, all, constant_for(sql + plain));
        sql += name;
    }
    return all;
}

static void assert_read_off_index(struct scratch *s, struct task *t, const char *sql, const char *index)
{
    const char *plan = scratch_rows(s, t, task_printf(t, "EXPLAIN %s", task_c_string(t, with_constants(t, sql))).at);

    if (strstr(plan, "filesort") || strstr(plan, "temporary") || !strstr(plan, task_printf(t, "|%s|", index).at))
        fail_msg("%s\n%s", sql, plan);
}

/* Within one domain the rows come off the index that is named, in its order, whatever else is asked. */
static void a_page_within_a_domain_is_read_off_its_index(void **state)
{
    size_t looked_at = 0;

    for (size_t i = 0; i < COUNT(lists); i++) {
        const struct listing *l = lists[i].listing;

        for (size_t v = 0; v < listing_variants(l); v++) {
            struct task *t = scratch_task(*state);
            struct statement s = listing_variant(t, l, v);
            const char *index = NULL;

            for (size_t n = 0; l->shortcut && l->shortcut->indexes && n < l->sort_count; n++)
                if (strstr(s.sql, task_printf(t, "ORDER BY %s", l->sorts[n].expression).at))
                    index = l->shortcut->indexes[n];
            if (index && strstr(s.sql, "ORDER BY") && strstr(s.sql, ":domain") && !strstr(s.sql, ":search")) {
                assert_read_off_index(*state, t, s.sql, index);
                looked_at++;
            }
            task_close(t);
        }
    }
    assert_true(looked_at >= 4 * 8); /* mailboxes in three orders and aliases in one: upward or not, further on, owned */
}

static const struct {
    const char *sort, *cursor, *problem;
    bool encoded; /* `cursor` is what stands behind the base64url */
} bad_pages[] = {
    { "no_such_field", NULL, "not_a_choice", false },
    { "-", NULL, "not_a_choice", false },
    { "password", NULL, "not_a_choice", false },
    { "m.username", NULL, "not_a_choice", false },
    { "", "not base64!", "bad_cursor", false },
    { "", "AAAA", "bad_cursor", false },
    { "", "address", "bad_cursor", true },
    { "", "address\x1f" "m1@a.example", "bad_cursor", true },
    { "", "-address\x1fx\x1fm1@a.example", "bad_cursor", true },
    { "quota_bytes", "address\x1fx\x1fm1@a.example", "bad_cursor", true },
    { "quota_bytes", "quota_bytes\x1f" "5 OR 1\x1fm1@a.example", "bad_cursor", true },
    { "quota_bytes", "quota_bytes\x1f\x1fm1@a.example", "bad_cursor", true },
    { "quota_bytes", "quota_bytes\x1f" "99999999999999999999\x1fm1@a.example", "bad_cursor", true },
    { "", "address\x1f\xff\xfe\x1fm1@a.example", "bad_cursor", true },
    { "quota_bytes", "quota_bytes\x1f" "5\x1f' OR '1", NULL, true },
};

static void a_page_that_cannot_be_is_refused(void **state)
{
    static const struct scope everybody = { 0 };

    for (size_t i = 0; i < COUNT(bad_pages); i++) {
        struct task *t = scratch_task(*state);
        struct page page = { .sort = text_of(bad_pages[i].sort), .cursor = text_of(bad_pages[i].cursor) };
        struct list list;

        print_message("  %s, %s\n", bad_pages[i].sort, bad_pages[i].cursor ? bad_pages[i].cursor : "(none)");
        if (bad_pages[i].encoded)
            page.cursor = secret_base64url(t, page.cursor);
        assert_problem(t, listing_page(t, &mailbox_listing, &page, &everybody, &list), bad_pages[i].problem);
        task_close(t);
    }
}

static void a_log_can_be_read_newest_first(void **state)
{
    static const struct scope everybody = { 0 };
    static struct keys rows;
    struct task *t = scratch_task(*state);

    walk(t, &log_listing, TEXT("-id"), &everybody, 4, &rows);
    assert_int_equal(rows.count, ROWS);
    for (size_t i = 1; i < rows.count; i++)
        assert_true(atoll(rows.at[i].at) < atoll(rows.at[i - 1].at));
    task_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_the_whole_list),
        cmocka_unit_test(mailboxes_are_in_the_order_asked_for),
        cmocka_unit_test(an_owners_list_holds_what_is_theirs),
        cmocka_unit_test(an_owner_of_many_rows_gets_the_same_pages),
        cmocka_unit_test(scopes_hide_what_lies_outside),
        cmocka_unit_test(a_search_is_for_the_text_itself),
        cmocka_unit_test(a_search_does_not_mind_the_case),
        cmocka_unit_test(a_page_that_cannot_be_is_refused),
        cmocka_unit_test(a_log_can_be_read_newest_first),
        cmocka_unit_test(a_page_within_a_domain_is_read_off_its_index),
        cmocka_unit_test(a_search_finds_what_the_comparison_finds),
    };

    return cmocka_run_group_tests_name("lists", tests, open_database, drop_database);
}
