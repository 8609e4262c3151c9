/* tests/base/test_shape.c - one table per struct: defaults, overlays, equality and the checks of single
 * fields */
#include "support/support.h"

#include "base/shape.h"

struct inner {
    field_set given;
    struct text note;
    bool loud;
};

struct outer {
    struct text name, text, colour;
    struct texts tags;
    int64_t size;
    bool active, hidden;
    struct limit most;
    struct moment created;
    struct inner inside;
    struct rows several;
};

static const char *const colours[] = { "red", "blue", NULL };

static enum outcome lower_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    if (text_equal(given, TEXT("refuse me")))
        return task_problem(t, field, &problem_malformed);
    *out = task_lower(t, given);
    return DONE;
}

static const struct field inner_fields[] = {
    FIELD(struct inner, note, .max = 5),
    FIELD(struct inner, loud, .on = true),
};
static const struct shape inner_shape = SHAPE(struct inner, "inner", inner_fields);

static const struct field fields[] = {
    FIELD(struct outer, name, .flags = KEY | REQUIRED | NO_BLANK, .min = 2, .max = 4, .canon = lower_canon),
    FIELD(struct outer, text, .flags = MULTILINE),
    FIELD(struct outer, colour, .words = colours),
    FIELD(struct outer, tags, .min = 1, .max = 3, .entry_max = 9, .canon = lower_canon),
    FIELD(struct outer, size, .min = -1, .max = 10),
    FIELD(struct outer, active, .on = true),
    FIELD(struct outer, hidden, .doc = "Off."),
    FIELD(struct outer, most, .doc = "How many."),
    FIELD(struct outer, created, .doc = "When."),
    FIELD(struct outer, inside, .shape = &inner_shape),
    FIELD(struct outer, several, .shape = &inner_shape),
};
static const struct shape outer_shape = SHAPE(struct outer, "outer", fields);

static const struct field *named(const char *name)
{
    const struct field *f = shape_field(&outer_shape, text_of(name));

    assert_non_null(f);
    return f;
}

static void kinds_come_from_the_types(void **state)
{
    static const enum kind kinds[] = { KIND_TEXT,    KIND_TEXT,    KIND_TEXT,  KIND_TEXTS,  KIND_INTEGER,
                                       KIND_BOOLEAN, KIND_BOOLEAN, KIND_LIMIT, KIND_MOMENT, KIND_SHAPE,
                                       KIND_ROWS };

    (void)state;
    assert_int_equal(outer_shape.count, COUNT(kinds));
    for (size_t i = 0; i < COUNT(kinds); i++)
        assert_int_equal(fields[i].kind, kinds[i]);
}

static void fields_are_found_by_name_and_path(void **state)
{
    size_t offset = 99;

    (void)state;
    assert_null(shape_field(&outer_shape, TEXT("nothing")));
    assert_null(shape_field(&outer_shape, TEXT("")));
    assert_ptr_equal(shape_path(&outer_shape, TEXT("size"), &offset), named("size"));
    assert_int_equal(offset, offsetof(struct outer, size));
    assert_ptr_equal(shape_path(&outer_shape, TEXT("inside.loud"), &offset), &inner_fields[1]);
    assert_int_equal(offset, offsetof(struct outer, inside) + offsetof(struct inner, loud));
    assert_null(shape_path(&outer_shape, TEXT("inside.nothing"), &offset));
    assert_null(shape_path(&outer_shape, TEXT("nothing.loud"), &offset));
    assert_null(shape_path(&outer_shape, TEXT("size.loud"), &offset));
    assert_true(shape_bit(&outer_shape, "name") == 1);
    assert_true(shape_bit(&outer_shape, "size") == 16);
}

static void defaults_are_zero_or_on(void **state)
{
    struct outer o;

    (void)state;
    shape_defaults(&outer_shape, &o);
    assert_text(o.name, NULL);
    assert_int_equal(o.tags.count, 0);
    assert_int_equal(o.size, 0);
    assert_true(o.active);
    assert_false(o.hidden);
    assert_false(o.most.bounded);
    assert_false(o.created.known);
    assert_true(o.inside.loud);
    assert_true(o.inside.given == 0);
}

static void overlay_takes_what_was_given(void **state)
{
    struct outer into, from;

    (void)state;
    shape_defaults(&outer_shape, &into);
    shape_defaults(&outer_shape, &from);
    into.name = TEXT("old");
    into.size = 1;
    from.name = TEXT("new");
    from.size = 2;
    from.most = (struct limit){ true, 5 };
    from.active = false;
    shape_overlay(&outer_shape, &into, &from,
                  shape_bit(&outer_shape, "size") | shape_bit(&outer_shape, "most"));
    assert_text(into.name, "old");
    assert_int_equal(into.size, 2);
    assert_true(into.most.bounded && into.most.most == 5);
    assert_true(into.active);
    shape_overlay(&outer_shape, &into, &from, 0);
    assert_text(into.name, "old");
}

/* A merge patch of {"inside": {"loud": false}} leaves the note alone. */
static void overlay_reaches_inside(void **state)
{
    struct outer into, from;

    (void)state;
    shape_defaults(&outer_shape, &into);
    shape_defaults(&outer_shape, &from);
    into.inside.note = TEXT("kept");
    from.inside.given = shape_bit(&inner_shape, "loud");
    from.inside.loud = false;
    shape_overlay(&outer_shape, &into, &from, shape_bit(&outer_shape, "inside"));
    assert_text(into.inside.note, "kept");
    assert_false(into.inside.loud);
}

static void equality_goes_field_by_field(void **state)
{
    struct text one[] = { TEXT("a"), TEXT("b") }, other[] = { TEXT("a"), TEXT("c") };
    struct inner rows[2] = { 0 }, others[2] = { 0 };
    struct outer a, b;

    (void)state;
    shape_defaults(&outer_shape, &a);
    shape_defaults(&outer_shape, &b);
    assert_true(shape_equal(&outer_shape, &a, &b));
    a.most = (struct limit){ false, 1 };
    b.most = (struct limit){ false, 2 }; /* no limit is no limit */
    assert_true(shape_equal(&outer_shape, &a, &b));
    a.most.bounded = b.most.bounded = true;
    assert_false(shape_equal(&outer_shape, &a, &b));
    b.most.most = 1;
    a.tags = (struct texts){ one, 2 };
    b.tags = (struct texts){ one, 1 };
    assert_false(shape_equal(&outer_shape, &a, &b));
    b.tags = (struct texts){ other, 2 };
    assert_false(shape_equal(&outer_shape, &a, &b));
    other[1] = TEXT("b");
    assert_true(shape_equal(&outer_shape, &a, &b));
    b.inside.loud = false;
    assert_false(shape_equal(&outer_shape, &a, &b));
    b.inside.loud = true;
    b.created = (struct moment){ true, 0 };
    assert_false(shape_equal(&outer_shape, &a, &b));
    b.created = a.created;
    a.several = (struct rows){ rows, 2 };
    b.several = (struct rows){ others, 1 };
    assert_false(shape_equal(&outer_shape, &a, &b));
    b.several.count = 2;
    assert_true(shape_equal(&outer_shape, &a, &b));
    others[1].loud = true;
    assert_false(shape_equal(&outer_shape, &a, &b));
}

static const struct {
    const char *field, *given, *becomes, *problem;
} texts[] = {
    { "name", "Taro", "taro", NULL },
    { "name", "日本", "日本", NULL }, /* two code points, six octets */
    { "name", "日", NULL, "too_short" },
    { "name", "日本語です", NULL, "too_long" },
    { "name", "", NULL, "too_short" },
    { "name", "   ", NULL, "required" },
    { "name", "a\nb", NULL, "bad_character" },
    { "name", "a\xFF", NULL, "bad_encoding" },
    { "text", "two\r\n\tlines", "two\r\n\tlines", NULL },
    { "text", "bell\a", NULL, "bad_character" },
    { "text", "", "", NULL },
    { "colour", "red", "red", NULL },
    { "colour", "Red", NULL, "not_a_choice" },
    { "colour", "", NULL, "not_a_choice" },
};

static void text_fields_are_checked(void **state)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct task *t = fresh_task(state);
        struct text value = text_of(texts[i].given);
        enum outcome o = field_check_text(t, named(texts[i].field), "path.to.it", &value);

        print_message("  %s: \"%s\"\n", texts[i].field, texts[i].given);
        assert_problem(t, o, texts[i].problem);
        assert_text(value, texts[i].problem ? texts[i].given : texts[i].becomes);
        if (o != DONE)
            assert_text(task_problems(t)->field, "path.to.it");
    }
}

static const struct {
    const char *given[5], *becomes[4], *problem;
} lists[] = {
    { { "a", "b" }, { "a", "b" }, NULL },
    { { "A", "a", "b" }, { "a", "b" }, NULL }, /* alike once they are canonical */
    { { NULL }, { NULL }, "too_few" },
    { { "a", "b", "c", "d" }, { NULL }, "too_many" },
    { { "a", "" }, { NULL }, "too_short" },
    { { "a", "ten octets" }, { NULL }, "too_long" },
    { { "a", "refuse me" }, { NULL }, "malformed" },
};

static void list_fields_are_checked(void **state)
{
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct task *t = fresh_task(state);
        struct text items[5];
        struct texts value = { items, 0 };
        enum outcome o;

        for (; lists[i].given[value.count]; value.count++)
            items[value.count] = text_of(lists[i].given[value.count]);
        o = field_check_texts(t, named("tags"), "tags", &value);
        assert_problem(t, o, lists[i].problem);
        for (size_t k = 0; o == DONE && k < value.count; k++)
            assert_text(value.items[k], lists[i].becomes[k]);
        if (o == DONE)
            assert_null(lists[i].becomes[value.count]);
    }
}

static void integer_fields_are_checked(void **state)
{
    static const struct {
        int64_t value;
        const char *problem;
    } cases[] = { { -2, "too_small" }, { -1, NULL }, { 0, NULL }, { 10, NULL }, { 11, "too_large" },
                  { INT64_MAX, "too_large" }, { INT64_MIN, "too_small" } };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);

        assert_problem(t, field_check_integer(t, named("size"), "size", cases[i].value), cases[i].problem);
    }
}

static void figures_say_the_bounds(void **state)
{
    struct task *t = fresh_task(state);
    struct text value = TEXT("too long");

    assert_problem(t, field_check_text(t, named("name"), "name", &value), "too_long");
    assert_figure(t, "max", 4);
    t = fresh_task(state);
    value = TEXT("x");
    assert_problem(t, field_check_text(t, named("name"), "name", &value), "too_short");
    assert_figure(t, "min", 2);
    t = fresh_task(state);
    assert_problem(t, field_check_integer(t, named("size"), "size", 11), "too_large");
    assert_figure(t, "max", 10);
}

static void moments_are_read_to_the_second(void **state)
{
    static const struct {
        const char *given;
        int64_t unix_seconds;
        const char *problem;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0, NULL },
        { "2026-12-31T23:59:59Z", 1798761599, NULL },
        { "2026-12-31T23:59:59.999Z", 1798761599, NULL },
        { "2027-01-01T08:59:59+09:00", 1798761599, NULL },
        { "2026-12-31 23:59:59z", 1798761599, NULL },
        { "2026-12-31", 1798675200, NULL },
        { "2028-02-29", 1835395200, NULL },
        { "2027-02-29", 0, "bad_moment" },
        { "2026-13-01", 0, "bad_moment" },
        { "2026-12-31T24:00:00Z", 0, "bad_moment" },
        { "2026-12-31T23:59:60Z", 0, "bad_moment" },
        { "2026-12-31T23:59:59", 0, "bad_moment" },
        { "2026-12-31T23:59:59+0900", 0, "bad_moment" },
        { "2026-12-31T23:59:59Z ", 0, "bad_moment" },
        { "1969-12-31T23:59:59Z", 0, "bad_moment" },
        { "9999-01-01", 0, "bad_moment" },
        { "20261231", 0, "bad_moment" },
        { "", 0, "bad_moment" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct moment m = { 0 };

        print_message("  %s\n", cases[i].given);
        assert_problem(t, moment_read(t, "until", text_of(cases[i].given), &m), cases[i].problem);
        if (!cases[i].problem)
            assert_int_equal(m.unix_seconds, cases[i].unix_seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_come_from_the_types),    cmocka_unit_test(fields_are_found_by_name_and_path),
        cmocka_unit_test(defaults_are_zero_or_on),      cmocka_unit_test(overlay_takes_what_was_given),
        cmocka_unit_test(overlay_reaches_inside),       cmocka_unit_test(equality_goes_field_by_field),
        TASK_TEST(text_fields_are_checked),             TASK_TEST(list_fields_are_checked),
        TASK_TEST(integer_fields_are_checked),          TASK_TEST(figures_say_the_bounds),
        TASK_TEST(moments_are_read_to_the_second),
    };

    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
