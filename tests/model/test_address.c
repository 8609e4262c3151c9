/* tests/model/test_address.c - which addresses and domains are taken, in which form, and the words when
 * they are not */
#include "support/support.h"

#include "model/address.h"

#define X10 "xxxxxxxxxx"
#define X63 X10 X10 X10 X10 X10 X10 "xxx"
#define X64 X63 "x"
#define LABELS_253 X63 "." X63 "." X63 "." X10 X10 X10 X10 X10 X10 "x"

/* given; local part and domain; written bare and quoted; or the problem */
static const struct {
    const char *given, *local_part, *domain, *bare, *quoted, *problem;
} addresses[] = {
    /* the ordinary ones */
    { "info@example.org", "info", "example.org", "info@example.org", "info@example.org", NULL },
    { "Info@Example.ORG", "info", "example.org", "info@example.org", "info@example.org", NULL },
    { "pat+tag@beta.example", "pat+tag", "beta.example", "pat+tag@beta.example", "pat+tag@beta.example", NULL },
    { "a.b-c_d@x.example", "a.b-c_d", "x.example", "a.b-c_d@x.example", "a.b-c_d@x.example", NULL },
    { "!#$%&'*+-/=?^_`{|}~@x.example", "!#$%&'*+-/=?^_`{|}~", "x.example", "!#$%&'*+-/=?^_`{|}~@x.example",
      "!#$%&'*+-/=?^_`{|}~@x.example", NULL },
    { "user#example.org@autoreply.example.org", "user#example.org", "autoreply.example.org",
      "user#example.org@autoreply.example.org", "user#example.org@autoreply.example.org", NULL },
    { "taro@intranet", "taro", "intranet", "taro@intranet", "taro@intranet", NULL },
    { "@example.org", "", "example.org", "@example.org", "@example.org", NULL }, /* catch-all */
    { "1@2.example", "1", "2.example", "1@2.example", "1@2.example", NULL },
    { "taro@example.org.", "taro", "example.org", "taro@example.org", "taro@example.org", NULL },
    /* as Japanese carriers gave them out, typed bare or quoted */
    { "a..b@docomo.example", "a..b", "docomo.example", "a..b@docomo.example", "\"a..b\"@docomo.example", NULL },
    { "a.@docomo.example", "a.", "docomo.example", "a.@docomo.example", "\"a.\"@docomo.example", NULL },
    { ".a@docomo.example", ".a", "docomo.example", ".a@docomo.example", "\".a\"@docomo.example", NULL },
    { "-a...b-.@docomo.example", "-a...b-.", "docomo.example", "-a...b-.@docomo.example",
      "\"-a...b-.\"@docomo.example", NULL },
    { "\"a..b\"@docomo.example", "a..b", "docomo.example", "a..b@docomo.example", "\"a..b\"@docomo.example", NULL },
    { "\"A.\"@Docomo.example", "a.", "docomo.example", "a.@docomo.example", "\"a.\"@docomo.example", NULL },
    /* quotes that need not be are gone, others come back */
    { "\"taro\"@x.example", "taro", "x.example", "taro@x.example", "taro@x.example", NULL },
    { "\"t\\a\\r\\o\"@x.example", "taro", "x.example", "taro@x.example", "taro@x.example", NULL },
    { "\"a b\"@x.example", "a b", "x.example", "a b@x.example", "\"a b\"@x.example", NULL },
    { "\"a@b\"@x.example", "a@b", "x.example", "a@b@x.example", "\"a@b\"@x.example", NULL },
    { "\"a,b\"@x.example", "a,b", "x.example", "a,b@x.example", "\"a,b\"@x.example", NULL },
    { "\"a\\\"b\"@x.example", "a\"b", "x.example", "a\"b@x.example", "\"a\\\"b\"@x.example", NULL },
    { "\"a\\\\b\"@x.example", "a\\b", "x.example", "a\\b@x.example", "\"a\\\\b\"@x.example", NULL },
    { "\"<(:;[>])\"@x.example", "<(:;[>])", "x.example", "<(:;[>])@x.example", "\"<(:;[>])\"@x.example", NULL },
    /* other scripts */
    { "おやじ@example.jp", "おやじ", "example.jp", "おやじ@example.jp", "おやじ@example.jp", NULL },
    { "taro@日本語.jp", "taro", "xn--wgv71a119e.jp", "taro@xn--wgv71a119e.jp", "taro@xn--wgv71a119e.jp", NULL },
    { "おやじ@日本語。ＪＰ", "おやじ", "xn--wgv71a119e.jp", "おやじ@xn--wgv71a119e.jp", "おやじ@xn--wgv71a119e.jp",
      NULL },
    { "TARO山田@EXAMPLE.jp", "taro山田", "example.jp", "taro山田@example.jp", "taro山田@example.jp", NULL },
    { "\"山 田\"@example.jp", "山 田", "example.jp", "山 田@example.jp", "\"山 田\"@example.jp", NULL },
    { "निक\u200Dष@example.in", "निक\u200Dष", "example.in", "निक\u200Dष@example.in", "निक\u200Dष@example.in", NULL },
    /* lengths */
    { X64 "@x.example", X64, "x.example", X64 "@x.example", X64 "@x.example", NULL },
    { .given = X64 "x@x.example", .problem = "local_part_too_long" },
    { .given = "\"" X64 "x\"@x.example", .problem = "local_part_too_long" },
    { .given = "taro@" LABELS_253, .problem = "too_long" },
    { .given = "@" LABELS_253 "x", .problem = "domain_too_long" },
    { .given = "taro@" X64 ".example", .problem = "bad_domain" },
    /* refused */
    { .given = "", .problem = "required" },
    { .given = "info.example.org", .problem = "needs_at" },
    { .given = "taro＠example.jp", .problem = "needs_at" }, /* a full-width @ is none */
    { .given = "\"taro\"", .problem = "needs_at" },
    { .given = "\"\"@x.example", .problem = "needs_local_part" }, /* not a catch-all by the back door */
    { .given = "@", .problem = "bad_domain" },
    { .given = "taro@", .problem = "bad_domain" },
    { .given = "a b@x.example", .problem = "bad_local_part" },
    { .given = " taro@x.example", .problem = "bad_local_part" },
    { .given = "a,b@x.example", .problem = "bad_local_part" },
    { .given = "a@b@x.example", .problem = "bad_local_part" },
    { .given = "a(b)@x.example", .problem = "bad_local_part" },
    { .given = "<taro@x.example>", .problem = "bad_local_part" },
    { .given = "taro@x.example>", .problem = "bad_domain" },
    { .given = "a:b@x.example", .problem = "bad_local_part" },
    { .given = "a;b@x.example", .problem = "bad_local_part" },
    { .given = "a\\b@x.example", .problem = "bad_local_part" },
    { .given = "a[b]@x.example", .problem = "bad_local_part" },
    { .given = "a\"b\"@x.example", .problem = "bad_local_part" },
    { .given = "\"a\"b@x.example", .problem = "bad_local_part" },
    { .given = "\"a\".\"b\"@x.example", .problem = "bad_local_part" },
    { .given = "\"a@x.example", .problem = "bad_local_part" },
    { .given = "\"a\\\"@x.example", .problem = "bad_local_part" },
    { .given = "\"\\\"a\\\"\"@x.example", .problem = "bad_local_part" }, /* bare, it would look quoted */
    { .given = ".@x.example", .problem = "bad_local_part" },
    { .given = "..@x.example", .problem = "bad_local_part" },
    { .given = "\"..\"@x.example", .problem = "bad_local_part" },
    { .given = "ta\nro@x.example", .problem = "bad_character" },
    { .given = "\"ta\tro\"@x.example", .problem = "bad_character" },
    { .given = "taro\x7F@x.example", .problem = "bad_character" },
    { .given = "taro\xC2\x85@x.example", .problem = "bad_character" },
    { .given = "taro\u3000@x.example", .problem = "bad_character" },
    { .given = "ta\u200Bro@x.example", .problem = "bad_character" },
    { .given = "ta\u202Ero@x.example", .problem = "bad_character" },
    { .given = "taro\xFF@x.example", .problem = "bad_encoding" },
    { .given = "\xED\xA0\x80@x.example", .problem = "bad_encoding" },
    { .given = "taro@[192.0.2.1]", .problem = "bad_domain" },
    { .given = "taro@[IPv6:2001:db8::1]", .problem = "bad_domain" },
    { .given = "taro@192.0.2.1", .problem = "bad_domain" },
};

static void address_parse_splits_or_explains(void **state)
{
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct task *t = fresh_task(state);
        struct address a = { { NULL, 0 }, { NULL, 0 } };
        enum outcome o = address_parse(t, "address", text_of(addresses[i].given), &a);

        print_message("  %s\n", addresses[i].given);
        assert_problem(t, o, addresses[i].problem);
        if (o != DONE)
            continue;
        assert_text(a.local_part, addresses[i].local_part);
        assert_text(a.domain, addresses[i].domain);
        assert_text(address_bare(t, &a), addresses[i].bare);
        assert_text(address_quoted(t, &a), addresses[i].quoted);
    }
}

/* What we write is what we read: by the quoted form, by the form for people, and by splitting the bare
 * one. */
static void address_forms_lead_back(void **state)
{
    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct task *t = fresh_task(state);
        struct address again, split;
        struct text shown;

        if (addresses[i].problem)
            continue;
        print_message("  %s\n", addresses[i].quoted);
        assert_problem(t, address_parse(t, "address", text_of(addresses[i].quoted), &again), NULL);
        assert_text(address_bare(t, &again), addresses[i].bare);
        assert_problem(t, address_shown(t, "address", text_of(addresses[i].bare), &shown), NULL);
        assert_problem(t, address_parse(t, "address", shown, &again), NULL);
        assert_text(address_bare(t, &again), addresses[i].bare);
        assert_problem(t, address_shown(t, "address", text_of(addresses[i].quoted), &shown), NULL);
        assert_problem(t, address_parse(t, "address", shown, &again), NULL);
        assert_text(address_quoted(t, &again), addresses[i].quoted);
        split = address_split(text_of(addresses[i].bare));
        assert_text(split.local_part, addresses[i].local_part);
        assert_text(split.domain, addresses[i].domain);
    }
}

static void address_split_takes_anything(void **state)
{
    struct address a = address_split(text_of("root"));

    (void)state;
    assert_text(a.local_part, "root");
    assert_text(a.domain, "");
    a = address_split(text_of(""));
    assert_text(a.local_part, "");
    assert_text(a.domain, "");
}

static const struct {
    const char *given, *canonical, *shown, *problem;
} domains[] = {
    { "example.org", "example.org", "example.org", NULL },
    { "EXAMPLE.Org.", "example.org", "example.org", NULL },
    { "intranet", "intranet", "intranet", NULL },
    { "1.2.3.4.example", "1.2.3.4.example", "1.2.3.4.example", NULL },
    { "example.123a", "example.123a", "example.123a", NULL },
    { "r3---sn.example", "r3---sn.example", "r3---sn.example", NULL },
    { "some.cancerresearch", "some.cancerresearch", "some.cancerresearch", NULL },
    { "日本語.jp", "xn--wgv71a119e.jp", "日本語.jp", NULL },
    { "日本語。ＪＰ．", "xn--wgv71a119e.jp", "日本語.jp", NULL },
    { "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", "日本語.jp", NULL },
    { "XN--WGV71A119E.JP", "xn--wgv71a119e.jp", "日本語.jp", NULL },
    { "ｅｘａｍｐｌｅ．ｊｐ", "example.jp", "example.jp", NULL },
    { "ﾆｯﾎﾟﾝ.jp", "xn--9ckp9cue.jp", "ニッポン.jp", NULL }, /* half-width kana */
    { "faß.de", "xn--fa-hia.de", "faß.de", NULL },          /* non-transitional: not fass.de */
    { "BÜCHER.example", "xn--bcher-kva.example", "bücher.example", NULL },
    { "bu\u0308cher.example", "xn--bcher-kva.example", "bücher.example", NULL },
    { "xn--n3h.net", "xn--n3h.net", "xn--n3h.net", NULL }, /* registered before IDNA 2008 closed the door */
    { LABELS_253, LABELS_253, LABELS_253, NULL },
    { LABELS_253 ".", LABELS_253, LABELS_253, NULL },
    { "", NULL, NULL, "required" },
    { ".", NULL, NULL, "bad_domain" },
    { "。", NULL, NULL, "bad_domain" },
    { ".example", NULL, NULL, "bad_domain" },
    { "a..example", NULL, NULL, "bad_domain" },
    { "example..", NULL, NULL, "bad_domain" },
    { "日本..jp", NULL, NULL, "bad_domain" },
    { "-bad.example", NULL, NULL, "bad_domain" },
    { "bad-.example", NULL, NULL, "bad_domain" },
    { "bad.example-", NULL, NULL, "bad_domain" },
    { "a_b.example", NULL, NULL, "bad_domain" },
    { "a_b.日本語.jp", NULL, NULL, "bad_domain" },
    { "a b.example", NULL, NULL, "bad_domain" },
    { "a b.日本語.jp", NULL, NULL, "bad_domain" }, /* never "ab.日本語.jp" */
    { "a＠b.日本語.jp", NULL, NULL, "bad_domain" },
    { "℀.日本語.jp", NULL, NULL, "bad_domain" }, /* maps to a/c */
    { "☃.net", NULL, NULL, "bad_domain" },
    { "1.2.3.4", NULL, NULL, "bad_domain" },
    { "１.２.３.４", NULL, NULL, "bad_domain" },
    { "123", NULL, NULL, "bad_domain" },
    { "example.123", NULL, NULL, "bad_domain" },
    { "[1.2.3.4]", NULL, NULL, "bad_domain" },
    { "xn--zz--.jp", NULL, NULL, "bad_domain" },
    { "xn--.jp", NULL, NULL, "bad_domain" },
    { "xn--a.jp", NULL, NULL, "bad_domain" },
    { "example.org\n", NULL, NULL, "bad_character" },
    { "exa\xC3.org", NULL, NULL, "bad_encoding" },
    { X64 ".example", NULL, NULL, "bad_domain" },
    { LABELS_253 "x", NULL, NULL, "domain_too_long" },
};

static void domain_canon_folds_or_explains(void **state)
{
    for (size_t i = 0; i < COUNT(domains); i++) {
        struct task *t = fresh_task(state);
        struct text out = { NULL, 0 }, shown, again;
        enum outcome o = domain_canon(t, "domain", text_of(domains[i].given), &out);

        print_message("  %s\n", domains[i].given);
        assert_problem(t, o, domains[i].problem);
        if (o != DONE)
            continue;
        assert_text(out, domains[i].canonical);
        assert_problem(t, domain_shown(t, "domain", out, &shown), NULL);
        assert_text(shown, domains[i].shown);
        assert_problem(t, domain_canon(t, "domain", shown, &again), NULL);
        assert_text(again, domains[i].canonical);
    }
}

/* A NUL inside would end the name for a C library and not for us. */
static void nothing_holds_a_nul(void **state)
{
    struct task *t = fresh_task(state);
    struct address a;
    struct text out;

    assert_problem(t, domain_canon(t, "domain", TEXT("example.org\0.evil.example"), &out), "bad_character");
    t = fresh_task(state);
    assert_problem(t, domain_canon(t, "domain", TEXT("日本\0.jp"), &out), "bad_character");
    t = fresh_task(state);
    assert_problem(t, address_parse(t, "address", TEXT("ta\0ro@example.org"), &a), "bad_character");
    t = fresh_task(state);
    assert_problem(t, local_part_canon(t, "local_part", TEXT("\"ta\0ro\""), &out), "bad_character");
    t = fresh_task(state);
    assert_problem(t, destination_canon(t, "destinations", TEXT("ro\0ot"), &out), "bad_destination");
}

typedef enum outcome canon(struct task *t, const char *field, struct text given, struct text *out);

static const struct {
    canon *by;
    const char *given, *canonical, *problem;
} forms[] = {
    { address_canon, "Taro@Example.org", "taro@example.org", NULL },
    { address_canon, "\"a..b\"@docomo.example", "a..b@docomo.example", NULL },
    { address_canon, "@example.org", NULL, "needs_local_part" },
    { address_canon, "", NULL, "required" },
    { alias_address_canon, "@Example.org", "@example.org", NULL },
    { alias_address_canon, "Info@Example.org", "info@example.org", NULL },
    { local_part_canon, "Taro", "taro", NULL },
    { local_part_canon, "", "", NULL },
    { local_part_canon, "a..b", "a..b", NULL },
    { local_part_canon, "\"a b\"", "a b", NULL },
    { local_part_canon, "おやじ", "おやじ", NULL },
    { local_part_canon, "a b", NULL, "bad_local_part" },
    { local_part_canon, "a@b", NULL, "bad_local_part" },
    { local_part_canon, "..", NULL, "bad_local_part" },
    { local_part_canon, "\"", NULL, "bad_local_part" },
    { local_part_canon, "\"\"", NULL, "needs_local_part" },
    { local_part_canon, X64 "x", NULL, "local_part_too_long" },
    { destination_canon, "Bob@Example.org", "bob@example.org", NULL },
    { destination_canon, "a..b@docomo.example", "\"a..b\"@docomo.example", NULL },
    { destination_canon, "\"a..b\"@docomo.example", "\"a..b\"@docomo.example", NULL },
    { destination_canon, "\"a,b\"@x.example", "\"a,b\"@x.example", NULL },
    { destination_canon, "@other.example", "@other.example", NULL },
    { destination_canon, "taro@日本語.jp", "taro@xn--wgv71a119e.jp", NULL },
    { destination_canon, "Root", "root", NULL },
    { destination_canon, "www-data", "www-data", NULL },
    { destination_canon, "mail.admin_2", "mail.admin_2", NULL },
    { destination_canon, "", NULL, "required" },
    { destination_canon, "..", NULL, "bad_destination" },
    { destination_canon, "-froot", NULL, "bad_destination" },
    { destination_canon, "two words", NULL, "bad_destination" },
    { destination_canon, "おやじ", NULL, "bad_destination" },
    { destination_canon, X64 "x", NULL, "bad_destination" },
    { destination_canon, "|/usr/bin/vacation", NULL, "bad_destination" },
    { destination_canon, "\"|/usr/bin/vacation taro\"", NULL, "bad_destination" },
    { destination_canon, "|cmd@example.org", NULL, "bad_destination" },
    { destination_canon, "\"|cmd\"@example.org", NULL, "bad_destination" },
    { destination_canon, "\"\\|cmd\"@example.org", NULL, "bad_destination" },
    { destination_canon, "/var/mail/taro", NULL, "bad_destination" },
    { destination_canon, "/var/mail/taro@example.org", NULL, "bad_destination" },
    { destination_canon, ":include:/etc/list", NULL, "bad_destination" },
    { destination_canon, ":include:/etc/list@example.org", NULL, "bad_destination" },
    { destination_canon, "a@x.example,b@x.example", NULL, "bad_local_part" },
    { destination_canon, "a@x.example\nb", NULL, "bad_character" },
};

static void each_field_has_its_form(void **state)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct task *t = fresh_task(state);
        struct text out = { NULL, 0 };
        enum outcome o = forms[i].by(t, "field", text_of(forms[i].given), &out);

        print_message("  %s\n", forms[i].given);
        assert_problem(t, o, forms[i].problem);
        if (o == DONE)
            assert_text(out, forms[i].canonical);
    }
}

static const struct {
    const char *canonical, *shown;
} shown_forms[] = {
    { "taro@example.org", "taro@example.org" },
    { "taro@xn--wgv71a119e.jp", "taro@日本語.jp" },
    { "@xn--wgv71a119e.jp", "@日本語.jp" },
    { "a..b@docomo.example", "a..b@docomo.example" },
    { "\"a..b\"@docomo.example", "\"a..b\"@docomo.example" },
    { "a b@x.example", "\"a b\"@x.example" }, /* bare, it could not be typed back in */
    { "a@b@x.example", "\"a@b\"@x.example" },
    { "root", "root" },
};

static void address_shown_is_for_people(void **state)
{
    for (size_t i = 0; i < COUNT(shown_forms); i++) {
        struct task *t = fresh_task(state);
        struct text out;

        assert_problem(t, address_shown(t, "address", text_of(shown_forms[i].canonical), &out), NULL);
        assert_text(out, shown_forms[i].shown);
    }
}

static const struct {
    const char *list;
    const char *entries[4];
    const char *joined;
} lists[] = {
    { "", { NULL }, "" },
    { "a@x.example", { "a@x.example" }, "a@x.example" },
    { "a@x.example,b@x.example", { "a@x.example", "b@x.example" }, "a@x.example,b@x.example" },
    { " a@x.example ,\n b@x.example,,", { "a@x.example", "b@x.example" }, "a@x.example,b@x.example" },
    { "\"a,b\"@x.example,root", { "\"a,b\"@x.example", "root" }, "\"a,b\"@x.example,root" },
    { "\"a\\\",b\"@x.example,c@x.example", { "\"a\\\",b\"@x.example", "c@x.example" },
      "\"a\\\",b\"@x.example,c@x.example" },
    { "\"a\\\\\"@x.example,c@x.example", { "\"a\\\\\"@x.example", "c@x.example" },
      "\"a\\\\\"@x.example,c@x.example" },
    { "\"never closed,b@x.example", { "\"never closed,b@x.example" }, "\"never closed,b@x.example" },
    { "ends in \\", { "ends in \\" }, "ends in \\" },
    { "a\\  ,b@x.example", { "a\\ ", "b@x.example" }, "a\\ ,b@x.example" },
    { ",,,", { NULL }, "" },
};

static void destinations_split_and_join(void **state)
{
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct task *t = fresh_task(state);
        struct texts out = destinations_split(t, text_of(lists[i].list));
        size_t count = 0;

        print_message("  %s\n", lists[i].list);
        for (; lists[i].entries[count]; count++) {
            assert_true(count < out.count);
            assert_text(out.items[count], lists[i].entries[count]);
        }
        assert_int_equal(out.count, count);
        assert_text(destinations_join(t, &out), lists[i].joined);
    }
}

/* Refused before it is looked at: no time, and a problem that says how long it may be. */
static void absurd_lengths_are_refused(void **state)
{
    static const char fillings[] = "a.\"\\@,-\xE3";
    static canon *const by[] = { address_canon, alias_address_canon, local_part_canon, domain_canon,
                                 destination_canon };

    for (size_t i = 0; i < sizeof fillings - 1; i++)
        for (size_t k = 0; k < COUNT(by); k++) {
            struct task *t = fresh_task(state);
            struct text out, given = task_join(t, TEXT("a@"), repeated(t, fillings[i], 100000));

            assert_int_equal(by[k](t, "field", given, &out), INVALID);
            assert_string_equal(task_problems(t)->kind->code, "too_long");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(address_parse_splits_or_explains), TASK_TEST(address_forms_lead_back),
        TASK_TEST(address_split_takes_anything),     TASK_TEST(domain_canon_folds_or_explains),
        TASK_TEST(nothing_holds_a_nul),              TASK_TEST(each_field_has_its_form),
        TASK_TEST(address_shown_is_for_people),      TASK_TEST(destinations_split_and_join),
        TASK_TEST(absurd_lengths_are_refused),
    };

    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
