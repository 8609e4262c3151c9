/* tests/model/test_dns.c - records as zone files have them, and settings that could be more than one */
#include "support/support.h"

#include "model/dns.h"

static void a_text_is_in_pieces_of_255_octets(void **state)
{
    struct task *t = fresh_task(state);
    const char *whole = repeated(t, 'x', 255).at;

    assert_text(dns_txt(t, TEXT("")), "\"\"");
    assert_text(dns_txt(t, TEXT("v=spf1 mx")), "\"v=spf1 mx\"");
    assert_text(dns_txt(t, text_of(whole)), task_printf(t, "\"%s\"", whole).at);
    assert_text(dns_txt(t, task_printf(t, "%sy", whole)), task_printf(t, "\"%s\" \"y\"", whole).at);
    assert_text(dns_txt(t, task_printf(t, "%s%s", whole, whole)), task_printf(t, "\"%s\" \"%s\"", whole, whole).at);
}

/* Escapes are octets of the file, not of the record. */
static void no_text_ends_its_quotes(void **state)
{
    struct task *t = fresh_task(state);
    struct text data = dns_txt(t, repeated(t, '"', 256));

    assert_text(dns_txt(t, TEXT("a\"b\\c;d")), "\"a\\\"b\\\\c;d\"");
    assert_text(dns_txt(t, (struct text){ "\n\0\xff", 3 }), "\"\\010\\000\\255\"");
    assert_int_equal(data.length, 256 * 2 + 5);
    assert_true(text_ends(data, TEXT("\" \"\\\"\"")));
}

static const struct { canon_fn *canon; const char *given, *canonical; } settings[] = {
    { dns_mx_canon, "mail.example.jp", "10 mail.example.jp" },
    { dns_mx_canon, "0 Mail.example.JP", "0 mail.example.jp" },
    { dns_mx_canon, "65535   mail.example.jp", "65535 mail.example.jp" },
    { dns_mx_canon, "10 \xe4\xbe\x8b\xe3\x81\x88.example", "10 xn--r8jz45g.example" },
    { dns_mx_canon, "65536 mail.example.jp", NULL },
    { dns_mx_canon, "-1 mail.example.jp", NULL },
    { dns_mx_canon, "x mail.example.jp", NULL },
    { dns_mx_canon, "10 a.example b.example", NULL },
    { dns_mx_canon, "10", NULL },
    { dns_mx_canon, "10 ", NULL },
    { dns_mx_canon, "10 a.example\n20 b.example", NULL },
    { dns_spf_canon, "v=spf1", "v=spf1" },
    { dns_spf_canon, "v=spf1 mx a:x.example ip6:2001:db8::/32 ~all", "v=spf1 mx a:x.example ip6:2001:db8::/32 ~all" },
    { dns_spf_canon, "v=spf10 mx", NULL },
    { dns_spf_canon, "mx -all", NULL },
    { dns_spf_canon, "v=spf1 \"mx\"", NULL },
    { dns_spf_canon, "v=spf1 mx\\", NULL },
    { dns_spf_canon, "v=spf1\nx", NULL },
    { dns_spf_canon, "v=spf1 \xe4\xbe\x8b", NULL },
    { dns_report_canon, "", "" },
    { dns_report_canon, "Postmaster", "postmaster" },
    { dns_report_canon, "a+b@X.example", "a+b@x.example" },
    { dns_report_canon, "a,b", NULL },
    { dns_report_canon, "a!10m@x.example", NULL },
    { dns_report_canon, "a;b@x.example", NULL },
    { dns_report_canon, "\"a b\"@x.example", NULL },
    { dns_report_canon, "a%41@x.example", NULL },
};

static void settings_are_one_record_each(void **state)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        struct text out = TEXT("");
        enum outcome o = settings[i].canon(fresh_task(state), "setting", text_of(settings[i].given), &out);

        print_message("  %s\n", settings[i].given);
        assert_int_equal(o, settings[i].canonical ? DONE : INVALID);
        if (o == DONE)
            assert_text(out, settings[i].canonical);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(a_text_is_in_pieces_of_255_octets),
        TASK_TEST(no_text_ends_its_quotes),
        TASK_TEST(settings_are_one_record_each),
    };

    return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
