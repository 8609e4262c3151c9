/* tests/model/test_scope.c - what a scope covers, and which is part of which */
#include "support/support.h"

#include "model/scope.h"

static const struct scoped_verb verbs[] = {
    { "mailbox.list", true },    { "mailbox.show", true },    { "mailbox.create", false }, { "mailbox.delete", false },
    { "alias.list", true },      { "alias.create", false },   { "alias-domain.list", true }, { "alias-domain.create", false },
    { "me.password", false },    { "me.forward", true },
};

/* One letter per verb, in their order: covered or not. */
static const struct {
    const char *scope, *covers;
} scopes[] = {
    { "*", "yyyyyyyyyy" },
    { "read", "yy--y-y--y" },
    { "mailbox.*", "yyyy------" },
    { "mailbox.read", "yy--------" },
    { "mailbox.create", "--y-------" },
    { "alias.*", "----yy----" }, /* and not alias-domain */
    { "alias-domain.read", "------y---" },
    { "me.*", "--------yy" },
    { "me.read", "---------y" },
    { "mailbox.purge", "----------" },
    { "mail.*", "----------" },
    /* what is no scope covers nothing */
    { "", "----------" },
    { "mailbox", "----------" },
    { "mailbox.", "----------" },
    { ".create", "----------" },
    { ".*", "----------" },
    { "*.create", "----------" },
    { "*.*", "----------" },
    { "*.read", "----------" },
    { "Mailbox.*", "----------" },
    { "READ", "----------" },
    { "mailbox.*.x", "----------" },
    { "create", "----------" },
    { "**", "----------" },
};

static void a_scope_covers_its_verbs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scopes); i++)
        for (size_t v = 0; v < COUNT(verbs); v++) {
            struct text scope = text_of(scopes[i].scope);
            struct texts alone = { &scope, 1 };
            bool covers = scopes[i].covers[v] == 'y';

            print_message("  %s %s\n", scopes[i].scope, verbs[v].name);
            assert_int_equal(scope_covers(scope, text_of(verbs[v].name), verbs[v].only_reads), covers);
            assert_int_equal(scopes_cover(&alone, text_of(verbs[v].name), verbs[v].only_reads), covers);
            assert_int_equal(scope_covers_any(scope, &verbs[v], 1), covers);
        }
}

static void several_scopes_add_up_and_none_is_nothing(void **state)
{
    struct text items[] = { TEXT("read"), TEXT("alias.create") };
    struct texts some = { items, COUNT(items) }, none = { NULL, 0 };

    (void)state;
    assert_true(scopes_cover(&some, TEXT("mailbox.list"), true));
    assert_true(scopes_cover(&some, TEXT("alias.create"), false));
    assert_false(scopes_cover(&some, TEXT("mailbox.create"), false));
    for (size_t v = 0; v < COUNT(verbs); v++)
        assert_false(scopes_cover(&none, text_of(verbs[v].name), verbs[v].only_reads));
}

static void what_is_no_verb_is_not_covered(void **state)
{
    static const struct text wrong[] = { { NULL, 0 }, { "", 0 }, { "mailbox", 7 }, { "mailbox.", 8 }, { ".list", 5 },
                                         { "mailbox.list\0", 13 }, { "mailbox.l\xEFst", 12 }, { "*", 1 }, { "a.*", 3 } };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(scope_covers(TEXT("*"), wrong[i], true));
        assert_false(scope_covers(TEXT("read"), wrong[i], true));
    }
}

#define ITEM(literal, canonical) { { (literal), sizeof(literal) - 1 }, canonical }
static const struct {
    struct text given;
    const char *canonical;
} forms[] = {
    ITEM("*", "*"),                         ITEM("read", "read"),           ITEM(" Mailbox.Create ", "mailbox.create"),
    ITEM("alias-domain.*", "alias-domain.*"), ITEM("MAILBOX.READ", "mailbox.read"), ITEM("no-such.verb2", "no-such.verb2"),
    ITEM("", NULL),                         ITEM(" ", NULL),                ITEM("write", NULL),
    ITEM("mailbox", NULL),                  ITEM("mailbox.", NULL),         ITEM(".list", NULL),
    ITEM("*.list", NULL),                   ITEM("*.*", NULL),              ITEM("mailbox.**", NULL),
    ITEM("mailbox.list.x", NULL),           ITEM("mailbox list", NULL),     ITEM("mailbox.-x", NULL),
    ITEM("2fa.show", NULL),                 ITEM("mailbox.li\0st", NULL),   ITEM("mailbox.l\xEFst", NULL),
    ITEM("メール.list", NULL),              ITEM("mailbox.list,alias.list", NULL), ITEM("read\n*", NULL),
    { { NULL, 0 }, NULL },
};

static void scopes_have_one_form(void **state)
{
    struct task *t = fresh_task(state);
    struct text out, longest = task_join(t, TEXT("a."), repeated(t, 'b', SCOPE_MAX - 2));

    assert_problem(t, scope_canon(t, "scopes", longest, &out), NULL);
    assert_problem(t, scope_canon(t, "scopes", task_join(t, longest, TEXT("b")), &out), "bad_scope");
    for (size_t i = 0; i < COUNT(forms); i++) {
        enum outcome o;

        t = fresh_task(state);
        out = (struct text){ NULL, 0 };
        o = scope_canon(t, "scopes", forms[i].given, &out);
        print_message("  %.*s\n", (int)forms[i].given.length, forms[i].given.at ? forms[i].given.at : "");
        assert_problem(t, o, forms[i].canonical ? NULL : "bad_scope");
        assert_text(out, forms[i].canonical);
    }
}

/* Rows are inner, columns outer, in the order of names[]. */
static const char *const names[] = { "*", "read", "mailbox.*", "mailbox.read", "mailbox.create", "mailbox.list", "alias.*",
                                     "no-such.verb", "spoilt" };
static const char *const parts[] = {
    "y--------", /* * */
    "yy-------", /* read */
    "y-y------", /* mailbox.* */
    "yyyy-----", /* mailbox.read */
    "y-y-y----", /* mailbox.create */
    "yyyy-y---", /* mailbox.list */
    "y-----y--", /* alias.* */
    "y------y-", /* no-such.verb: it might change something one day */
    "---------", /* spoilt */
};

static void a_scope_is_part_of_a_wider_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t o = 0; o < COUNT(names); o++) {
            struct text inner = text_of(names[i]), outer = text_of(names[o]);
            struct texts in = { &inner, 1 }, out = { &outer, 1 };
            bool within = scopes_within(&in, &out, verbs, COUNT(verbs));

            print_message("  %s in %s\n", names[i], names[o]);
            assert_int_equal(within, parts[i][o] == 'y');
            for (size_t v = 0; within && v < COUNT(verbs); v++) /* what it promises */
                if (scope_covers(inner, text_of(verbs[v].name), verbs[v].only_reads))
                    assert_true(scope_covers(outer, text_of(verbs[v].name), verbs[v].only_reads));
        }
}

static void a_list_is_within_when_each_of_it_is(void **state)
{
    struct text outer_items[] = { TEXT("read"), TEXT("mailbox.*") };
    struct text inner_items[] = { TEXT("alias.read"), TEXT("mailbox.delete"), TEXT("alias.create") };
    struct text listed[] = { TEXT("alias.list"), TEXT("alias.create") }, pattern[] = { TEXT("alias.*") };
    struct texts outer = { outer_items, 2 }, all = { inner_items, 3 }, fitting = { inner_items, 2 }, none = { NULL, 0 };
    struct texts verb_by_verb = { listed, 2 }, whole = { pattern, 1 };

    (void)state;
    assert_true(scopes_within(&fitting, &outer, verbs, COUNT(verbs)));
    assert_false(scopes_within(&all, &outer, verbs, COUNT(verbs)));
    assert_true(scopes_within(&none, &outer, verbs, COUNT(verbs)));
    assert_true(scopes_within(&none, &none, verbs, COUNT(verbs)));
    assert_false(scopes_within(&fitting, &none, verbs, COUNT(verbs)));
    /* alias.* covers the same verbs today, and more tomorrow */
    assert_true(scopes_within(&verb_by_verb, &whole, verbs, COUNT(verbs)));
    assert_false(scopes_within(&whole, &verb_by_verb, verbs, COUNT(verbs)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_covers_its_verbs),
        cmocka_unit_test(several_scopes_add_up_and_none_is_nothing),
        cmocka_unit_test(what_is_no_verb_is_not_covered),
        TASK_TEST(scopes_have_one_form),
        cmocka_unit_test(a_scope_is_part_of_a_wider_one),
        cmocka_unit_test(a_list_is_within_when_each_of_it_is),
    };

    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
