/* tests/store/test_rows.c - what goes into a row comes out of it: sizes, limits, texts, absence; and "taken" is an answer
 */
#include "store/scratch.h"

#include "model/address.h"
#include "store/account.h"
#include "store/domain.h"
#include "store/mailbox.h"
#include "store/journal.h"
#include "store/statements.h"

#include <stdio.h>
#include <string.h>

#define GIB (INT64_C(1) << 30)
#define UNIT INT64_C(1024000)

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

/* Each case begins with empty tables. */
static int empty_tables(void **state)
{
    scratch_run(*state, "DELETE FROM domain; DELETE FROM mailbox; DELETE FROM alias; DELETE FROM alias_domain;"
                        " DELETE FROM admin; DELETE FROM domain_admins; DELETE FROM log");
    return 0;
}

static struct domain domain_named(const char *name)
{
    return (struct domain){ .domain = text_of(name), .description = TEXT(""), .transport = TEXT("virtual"),
                            .active = true };
}

static void assert_limit(struct limit is, struct limit wanted)
{
    assert_int_equal(is.bounded, wanted.bounded);
    assert_int_equal(is.most, wanted.most);
}

#define NONE { true, 0 }
#define UNBOUNDED { false, 0 }

static const struct {
    int64_t multiplier;
    struct limit given;
    int64_t units; /* what Postfix Admin reads */
} sizes[] = {
    { UNIT, UNBOUNDED, 0 },
    { UNIT, NONE, -1 },
    { UNIT, { true, 1 }, 1 },
    { UNIT, { true, UNIT - 1 }, 1 },
    { UNIT, { true, UNIT }, 1 },
    { UNIT, { true, UNIT + 1 }, 2 },
    { UNIT, { true, 50 * UNIT }, 50 }, /* the guide's 51200000 */
    { UNIT, { true, GIB }, 1049 },     /* 1048.576 units */
    { UNIT, { true, 500 * GIB }, 524288 },
    { UNIT, { true, QUOTA_BYTES_MAX }, 8796093023 },
    { UNIT, { true, QUOTA_BYTES_MAX - 1 }, 8796093023 },
    { 1048576, { true, GIB }, 1024 },
    { 1048576, { true, GIB + 1 }, 1025 },
    { 1048576, { true, QUOTA_BYTES_MAX }, INT64_C(1) << 33 },
    { 1, { true, GIB }, GIB },
    { 1, { true, QUOTA_BYTES_MAX }, QUOTA_BYTES_MAX },
};

static void sizes_of_domains_are_exact(void **state)
{
    struct scratch *s = *state;

    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int update = 0; update <= 1; update++) {
            struct scratch as = *s;
            struct domain d = domain_named("a.example"), found = { 0 };
            struct task *t;

            print_message("  %lld bytes of %lld, %s\n", (long long)sizes[i].given.most, (long long)sizes[i].multiplier,
                          update ? "changed to" : "from the start");
            empty_tables(state);
            as.settings.quota_multiplier = sizes[i].multiplier;
            t = scratch_task(&as);
            if (update)
                d.quota_bytes = d.mailbox_quota_max_bytes = (struct limit){ true, 7 };
            else
                d.quota_bytes = d.mailbox_quota_max_bytes = sizes[i].given;
            assert_int_equal(store_domain_insert(t, &d), DONE);
            d.quota_bytes = d.mailbox_quota_max_bytes = sizes[i].given;
            if (update)
                assert_int_equal(store_domain_update(t, &d), DONE);
            assert_int_equal(scratch_number(s, "SELECT maxquota FROM domain"), sizes[i].units);
            assert_int_equal(scratch_number(s, "SELECT quota FROM domain"), sizes[i].units);
            assert_int_equal(store_domain_find(t, d.domain, &found), DONE);
            assert_limit(found.mailbox_quota_max_bytes, sizes[i].given);
            assert_limit(found.quota_bytes, sizes[i].given);
            task_close(t);
        }
}

static const struct {
    const char *change;
    struct limit each, all;
} changes[] = {
    { "UPDATE domain SET maxquota = 50, quota = 100", { true, 50 * UNIT }, { true, 100 * UNIT } },
    { "UPDATE domain SET maxquota = 0, quota = 0", UNBOUNDED, UNBOUNDED },
    { "UPDATE domain SET maxquota = -1, quota = -1", NONE, NONE },
    { "UPDATE domain SET maxquota = 1048", { true, 1048 * UNIT }, { true, 2 * GIB } },
    { "UPDATE domain SET maxquota_bytes = NULL", { true, 1049 * UNIT }, { true, 2 * GIB } },
    { "UPDATE domain SET description = 'not about sizes'", { true, GIB }, { true, 2 * GIB } },
};

static void what_postfix_admin_writes_wins(void **state)
{
    struct domain d = domain_named("a.example"), found = { 0 };

    d.mailbox_quota_max_bytes = (struct limit){ true, GIB };
    d.quota_bytes = (struct limit){ true, 2 * GIB };
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct task *t = scratch_task(*state);

        print_message("  %s\n", changes[i].change);
        empty_tables(state);
        assert_int_equal(store_domain_insert(t, &d), DONE);
        scratch_run(*state, "%s", changes[i].change);
        assert_int_equal(store_domain_find(t, d.domain, &found), DONE);
        assert_limit(found.mailbox_quota_max_bytes, changes[i].each);
        assert_limit(found.quota_bytes, changes[i].all);
        task_close(t);
    }
}

static const struct {
    struct limit limit;
    int64_t column;
} limits[] = { { UNBOUNDED, 0 }, { NONE, -1 }, { { true, 1 }, 1 }, { { true, LIMIT_MAX }, LIMIT_MAX } };

static void limits_are_postfix_admins(void **state)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct domain d = domain_named("a.example"), found = { 0 };
        struct task *t = scratch_task(*state);

        print_message("  %lld\n", (long long)limits[i].column);
        empty_tables(state);
        d.mailbox_limit = d.alias_limit = limits[i].limit;
        assert_int_equal(store_domain_insert(t, &d), DONE);
        assert_int_equal(scratch_number(*state, "SELECT mailboxes FROM domain"), limits[i].column);
        assert_int_equal(scratch_number(*state, "SELECT aliases FROM domain"), limits[i].column);
        assert_int_equal(store_domain_find(t, d.domain, &found), DONE);
        assert_limit(found.mailbox_limit, limits[i].limit);
        assert_limit(found.alias_limit, limits[i].limit);
        task_close(t);
    }
}

static const char *const words[] = {
    "",
    "it's \"quoted\"",
    "back\\slash \\' \\\" \\0 \\%",
    "100%_sure",
    "'; DROP TABLE domain; -- ",
    ":domain ? :active",
    "おやじ 🦀 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", /* four octets each, and joined */
    "Ünïcödé",
    " blanks around ",
};

static struct mailbox mailbox_at(const char *address)
{
    struct address a = address_split(text_of(address));

    return (struct mailbox){ .address = text_of(address), .local_part = a.local_part, .domain = a.domain,
                             .display_name = TEXT(""), .stored_password = TEXT("x"), .maildir = TEXT("a/b/"),
                             .active = true };
}

static void texts_stay_as_they_are(void **state)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        struct domain d = domain_named("a.example"), found = { 0 };
        struct mailbox m = mailbox_at("taro@a.example"), also = { 0 };
        struct task *t = scratch_task(*state);

        print_message("  %s\n", words[i]);
        empty_tables(state);
        d.description = text_of(words[i]);
        m.display_name = text_of(words[i]);
        assert_int_equal(store_domain_insert(t, &d), DONE);
        assert_int_equal(store_domain_find(t, d.domain, &found), DONE);
        assert_text(found.description, words[i]);
        assert_int_equal(store_mailbox_insert(t, &m), DONE);
        assert_int_equal(store_mailbox_find(t, m.address, &also), DONE);
        assert_text(also.display_name, words[i]);
        assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM domain"), 1);
        task_close(t);
    }
}

static struct texts destinations_of_length(struct task *t, size_t octets)
{
    struct texts list = { task_alloc(t, (octets / 50 + 1) * sizeof(struct text)), 0 };

    for (; list.count * 50 < octets; list.count++)
        list.items[list.count] = task_printf(t, "destination-%020zu@forward.example", list.count);
    return list;
}

/* Short columns are fetched in place; longer ones again, at their length. */
static void lists_of_any_length_come_back_whole(void **state)
{
    static const size_t octets[] = { 50, 450, 500, 550, 1000, 70000, 160000 };

    for (size_t i = 0; i < COUNT(octets); i++) {
        struct task *t = scratch_task(*state);
        struct alias a = { .address = TEXT("all@a.example"), .domain = TEXT("a.example"), .description = TEXT("d"),
                           .active = true };
        struct alias found = { 0 };

        print_message("  about %zu octets\n", octets[i]);
        empty_tables(state);
        a.destinations = destinations_of_length(t, octets[i]);
        assert_int_equal(store_alias_insert(t, &a), DONE);
        assert_int_equal(store_alias_find(t, a.address, &found), DONE);
        assert_int_equal(found.destinations.count, a.destinations.count);
        for (size_t n = 0; n < found.destinations.count; n++)
            assert_true(text_equal(found.destinations.items[n], a.destinations.items[n]));
        assert_text(found.description, "d"); /* the column behind the long one */
        task_close(t);
    }
}

static void delegations_of_any_number_come_back_whole(void **state)
{
    struct task *t = scratch_task(*state);
    struct admin a = { .username = TEXT("root@a.example"), .stored_password = TEXT("x"), .active = true };
    struct admin found = { 0 };

    assert_int_equal(store_admin_insert(t, &a), DONE);
    scratch_run(*state, "INSERT INTO domain_admins (username, domain) SELECT 'root@a.example',"
                        " CONCAT(LPAD(seq, 5, '0'), '.', REPEAT('a', 60), '.', REPEAT('b', 60), '.', REPEAT('c', 60),"
                        " '.', REPEAT('d', 55), '.example') FROM seq_1_to_10000");
    assert_int_equal(store_admin_find(t, a.username, &found), DONE);
    assert_int_equal(found.domains.count, 10000);
    assert_int_equal(found.domains.items[9999].length, 252);
    task_close(t);
}

static enum outcome insert_record(struct task *t, struct record *r)
{
    struct chain_head head;
    enum outcome o = store_chain_take(t, 0, &head);

    r->stamp = head.stamp;
    r->chain = head.chain;
    r->link = head.link + 1;
    r->hash = TEXT("");
    return o == DONE ? store_record_add(t, r) : o;
}

/* Nobody waits as long as there is a chain that nobody holds. */
static void a_chain_that_is_held_is_passed_over(void **state)
{
    static const struct { int64_t start, got; } takes[] = { { 62, 62 }, { 62, 63 }, { 62, 0 }, { 0, 1 }, { 5, 5 }, { 0, 2 } };
    struct task *holders[COUNT(takes)];

    for (size_t i = 0; i < COUNT(takes); i++) {
        struct chain_head head = { 0 };

        holders[i] = scratch_task(*state);
        assert_int_equal(transaction_begin(holders[i]), DONE);
        assert_int_equal(store_chain_take(holders[i], takes[i].start, &head), DONE);
        assert_int_equal(head.chain, takes[i].got);
    }
    for (size_t i = 0; i < COUNT(takes); i++) {
        transaction_rollback(holders[i]);
        task_close(holders[i]);
    }
}

static void absent_is_null_and_null_is_absent(void **state)
{
    struct task *t = scratch_task(*state);
    struct record r = { .actor = TEXT("a@a.example"), .source = TEXT("127.0.0.1"), .via = TEXT("cli"),
                        .verb = TEXT("mailbox.create"), .target = TEXT("x@a.example"), .domain = TEXT("a.example"),
                        .after = TEXT("") };
    struct page page = { 0 };
    struct scope scope = { 0 };
    struct list list;
    const struct record *rows;

    assert_int_equal(insert_record(t, &r), DONE);
    assert_string_equal(scratch_row(*state, t, "SELECT before_state, after_state, username FROM log"),
                        "NULL||a@a.example (127.0.0.1)");
    scratch_run(*state, "INSERT INTO log (timestamp, username, domain, action, data) VALUES"
                        " ('2026-01-02 03:04:05', 'adam@a.example (::1)', 'a.example', 'edit_alias', 'x@a.example')");
    assert_int_equal(listing_page(t, &log_listing, &page, &scope, &list), DONE);
    assert_int_equal(list.rows.count, 2);
    rows = list.rows.items;
    assert_text(rows[0].before, NULL);
    assert_text(rows[0].after, "");
    assert_text(rows[1].actor, "adam@a.example (::1)"); /* Postfix Admin's row: no columns of ours */
    assert_text(rows[1].via, "");
    assert_text(rows[1].after, NULL);
    assert_true(rows[1].at.known);
    task_close(t);
}

/* log.username holds 255 characters, and Postfix Admin's form of it adds the source. */
static void the_longest_actor_can_be_logged(void **state)
{
    struct task *t = scratch_task(*state);
    struct record r = { .actor = repeated(t, 'a', ADDRESS_MAX), .source = TEXT("2001:db8:1111:2222:3333:4444:5555:6666"),
                        .via = TEXT("browser"), .verb = TEXT("session.create"), .target = repeated(t, 'a', ADDRESS_MAX),
                        .domain = repeated(t, 'd', DOMAIN_MAX) };

    assert_int_equal(insert_record(t, &r), DONE);
    assert_int_equal(scratch_number(*state, "SELECT LENGTH(actor) FROM log"), ADDRESS_MAX);
    task_close(t);
}

static enum outcome insert_domain(struct task *t)
{
    struct domain d = domain_named("a.example");

    return store_domain_insert(t, &d);
}

static enum outcome insert_alias_domain(struct task *t)
{
    struct alias_domain a = { .alias_domain = TEXT("b.example"), .target_domain = TEXT("a.example"),
                              .description = TEXT("") };

    return store_alias_domain_insert(t, &a);
}

static enum outcome insert_mailbox(struct task *t)
{
    struct mailbox m = mailbox_at("taro@a.example");

    return store_mailbox_insert(t, &m);
}

static enum outcome insert_alias(struct task *t)
{
    struct texts to = { (struct text[]){ TEXT("x@y.example") }, 1 };
    struct alias a = { .address = TEXT("taro@a.example"), .domain = TEXT("a.example"), .destinations = to,
                       .description = TEXT("") };

    return store_alias_insert(t, &a);
}

static enum outcome insert_admin(struct task *t)
{
    struct admin a = { .username = TEXT("taro@a.example"), .stored_password = TEXT("x") };

    return store_admin_insert(t, &a);
}

typedef enum outcome inserting(struct task *t);
static const struct {
    const char *what;
    inserting *first, *second;
} taken[] = {
    { "domain", insert_domain, insert_domain },
    { "alias domain", insert_alias_domain, insert_alias_domain },
    { "mailbox", insert_mailbox, insert_mailbox },
    { "alias", insert_alias, insert_alias },
    { "alias where a mailbox is", insert_mailbox, insert_alias },
    { "mailbox where an alias is", insert_alias, insert_mailbox },
    { "admin", insert_admin, insert_admin },
};

static void what_is_there_is_taken(void **state)
{
    for (size_t i = 0; i < COUNT(taken); i++) {
        struct task *t = scratch_task(*state);

        print_message("  %s\n", taken[i].what);
        empty_tables(state);
        assert_int_equal(taken[i].first(t), DONE);
        assert_int_equal(transaction_begin(t), DONE);
        assert_int_equal(taken[i].second(t), CONFLICT);
        transaction_rollback(t);
        task_close(t);
    }
}

/* An adopted database may hold a mailbox without the alias row of its own. */
static void an_address_is_taken_by_a_mailbox_without_its_alias_row(void **state)
{
    struct task *t = scratch_task(*state);

    assert_int_equal(insert_mailbox(t), DONE);
    scratch_run(*state, "DELETE FROM alias");
    assert_int_equal(insert_alias(t), CONFLICT);
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM alias"), 0);
    task_close(t);
}

static void changing_what_is_not_there_says_so(void **state)
{
    struct task *t = scratch_task(*state);
    struct text none = TEXT("none@a.example");
    struct mailbox m;
    struct alias a;
    struct admin admin;
    struct domain d;
    struct alias_domain x;
    enum role rank;

    assert_int_equal(store_mailbox_find(t, none, &m), MISSING);
    assert_int_equal(store_mailbox_lock(t, none, &m), MISSING);
    assert_int_equal(store_mailbox_delete(t, none), MISSING);
    assert_int_equal(store_mailbox_set_password(t, none, TEXT("x")), MISSING);
    assert_int_equal(store_alias_find(t, none, &a), MISSING);
    assert_int_equal(store_alias_delete(t, none), MISSING);
    assert_int_equal(store_admin_find(t, none, &admin), MISSING);
    assert_int_equal(store_admin_delete(t, none), MISSING);
    assert_int_equal(store_admin_set_password(t, none, TEXT("x")), MISSING);
    assert_int_equal(store_domain_find(t, none, &d), MISSING);
    assert_int_equal(store_domain_delete(t, none), MISSING);
    assert_int_equal(store_alias_domain_find(t, none, &x), MISSING);
    assert_int_equal(store_alias_domain_delete(t, none), MISSING);
    assert_int_equal(store_rank_of(t, none, &rank), DONE);
    assert_int_equal(rank, ROLE_NOBODY);
    task_close(t);
}

/* A mailbox of a foreign database: no alias row, negative quota, no usage, a date of zero. */
static void a_foreign_mailbox_reads_as_what_it_means(void **state)
{
    struct task *t = scratch_task(*state);
    struct mailbox m = { 0 };

    scratch_run(*state, "INSERT INTO mailbox (username, password, maildir, quota, local_part, domain) VALUES"
                        " ('taro@a.example', '', 'a.example/taro/', -1, 'taro', 'a.example')");
    assert_int_equal(store_mailbox_find(t, TEXT("taro@a.example"), &m), DONE);
    assert_limit(m.quota_bytes, (struct limit)NONE);
    assert_true(m.forward.keep_copy);
    assert_int_equal(m.forward.destinations.count, 0);
    assert_int_equal(m.usage_bytes, 0);
    assert_int_equal(store_mailbox_update(t, &m), DONE); /* makes the row that was missing */
    assert_int_equal(scratch_number(*state, "SELECT quota FROM mailbox"), -1);
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM alias"), 1);
    task_close(t);
}

struct number {
    int64_t seq, sum;
};
static const struct field number_fields[] = { COLUMN(struct number, seq), COLUMN(struct number, sum) };
static const struct shape number_shape = SHAPE(struct number, "Number", number_fields);
static const struct statement many = { "many", "SELECT seq FROM seq_1_to_50000", NULL, &number_shape };
static const struct statement one = { "one", "SELECT 1 AS seq", NULL, &number_shape };

static enum outcome add_up(void *context, const void *row)
{
    struct number *all = context;
    const struct number *it = row;

    all->sum += it->seq;
    all->seq++;
    return DONE;
}

static enum outcome stop_at_ten(void *context, const void *row)
{
    struct number *all = context;

    (void)row;
    return ++all->seq == 10 ? CONFLICT : DONE;
}

static void rows_can_be_taken_one_by_one(void **state)
{
    struct task *t = scratch_task(*state);
    struct number all = { 0 }, some = { 0 }, after = { 0 };

    assert_int_equal(statement_each(t, &many, NULL, add_up, &all), DONE);
    assert_int_equal(all.seq, 50000);
    assert_int_equal(all.sum, INT64_C(50000) * 50001 / 2);
    assert_int_equal(statement_each(t, &many, NULL, stop_at_ten, &some), CONFLICT);
    assert_int_equal(some.seq, 10);
    assert_int_equal(statement_one(t, &one, NULL, &after), DONE); /* the rest of the rows stands in nobody's way */
    assert_int_equal(after.seq, 1);
    task_close(t);
}

/* The same words for two structs are two statements. */
static void each_struct_gets_its_own_values(void **state)
{
    struct narrow { int64_t id; };
    struct wide { int64_t other, id; };
    static const struct field narrow_fields[] = { COLUMN(struct narrow, id) };
    static const struct field wide_fields[] = { COLUMN(struct wide, other), COLUMN(struct wide, id) };
    static const struct shape narrow_shape = SHAPE(struct narrow, "Narrow", narrow_fields);
    static const struct shape wide_shape = SHAPE(struct wide, "Wide", wide_fields);
    static const struct statement to_narrow = { "narrow", "SELECT 7 AS id", NULL, &narrow_shape };
    static const struct statement to_wide = { "wide", "SELECT 7 AS id", NULL, &wide_shape };
    struct task *t = scratch_task(*state);
    struct narrow n = { 0 };
    struct wide w = { 0 };

    assert_int_equal(statement_one(t, &to_narrow, NULL, &n), DONE);
    assert_int_equal(statement_one(t, &to_wide, NULL, &w), DONE);
    assert_int_equal(n.id, 7);
    assert_int_equal(w.id, 7);
    assert_int_equal(w.other, 0);
    task_close(t);
}

#define ROWS_TEST(it) cmocka_unit_test_setup(it, empty_tables)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROWS_TEST(sizes_of_domains_are_exact),
        ROWS_TEST(what_postfix_admin_writes_wins),
        ROWS_TEST(limits_are_postfix_admins),
        ROWS_TEST(texts_stay_as_they_are),
        ROWS_TEST(lists_of_any_length_come_back_whole),
        ROWS_TEST(delegations_of_any_number_come_back_whole),
        ROWS_TEST(a_chain_that_is_held_is_passed_over),
        ROWS_TEST(absent_is_null_and_null_is_absent),
        ROWS_TEST(the_longest_actor_can_be_logged),
        ROWS_TEST(what_is_there_is_taken),
        ROWS_TEST(an_address_is_taken_by_a_mailbox_without_its_alias_row),
        ROWS_TEST(changing_what_is_not_there_says_so),
        ROWS_TEST(a_foreign_mailbox_reads_as_what_it_means),
        ROWS_TEST(rows_can_be_taken_one_by_one),
        ROWS_TEST(each_struct_gets_its_own_values),
    };

    return cmocka_run_group_tests_name("rows", tests, open_database, drop_database);
}
