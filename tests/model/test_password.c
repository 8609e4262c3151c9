/* tests/model/test_password.c - what opens an account and what does not, by the form of what is stored */
#include "support/support.h"

#include "model/password.h"
#include "model/secret.h"

#include <string.h>

/* A database that Postfix Admin wrote with one setting after the other; clear text, then what it stored. */
static const struct {
    const char *clear, *stored;
} adopted[] = {
    { "adampw12x", "$2y$10$W.o/Ily/Rf04INSmpUZzI.ORqx/WccVpdZdiB.R6.zWb9MeyB3CI." },
    { "bettypw12x", "$1$Ai2PcZKk$N6xxSL5aP75EaaOdAup0j1" },
    { "superpw12x",
      "$6$PsuFC.iCuksWE4Hk$l1C2j3B/B96AJ2YrXYGzH/8.eMK5LJw8kVkrgTdTfk4vxfRMLH"
      "dGVJh2l56MOF90xVf.iiPgc12DXE.eu7/m/0" },
    { "alicePw34",
      "$6$GCGYXZNxNSmG.lqP$xILkd7tyrQXdIPxJckF65XMKcH.cyKbzqmv/w7cOcS53mNW0kI"
      "iVHVwtBVn5bFAo5B.CpuvyWk.Lu8PCJ9iKs0" },
    { "bobPw12x", "$1$8TxZkl21$15nYOMhIgtjucVm8Jjj5E/" },
    { "carolPw12", "$2y$10$658e48ef63b888fb38ba3uZt.7Wu6s7fA/gb0BT8LBX53Q6aAitSi" },
    { "davePw12x", "$2y$10$t69/CMdv4pzW1e1u/AWYT.HSRxuvrypn9x1mItsWCTQ3vrMPxG4ty" },
    { "erinPw12x", "$5$rounds=10000$O2O80hx6gPddWqCu$5KYUHnmRDo/MUg5.aSg5BuYgvqDZYxNUToWSOE00xc3" },
    { "frankPw12x",
      "{ARGON2ID}$argon2id$v=19$m=65536,t=4,p=1$OHYyZ0wya0l4cG50TEdUYQ$smFjLF"
      "dC1798nH67WdpFw/YnN4s2MZjY1vF5Olhx+4E" },
    { "gracePw12x", "{CLEARTEXT}gracePw12x" },
    { "heidiPw12x",
      "{SHA512-CRYPT}$6$df55865281677816$aeVxWeKryG38Lv0sfXuk4BXhFsrd4QBvjENE"
      "7mx5uuC.3V8ioqZCIHSQZ.iW1geqY7yD74GjdapBqY2d/lJeX." },
    { "ivanPw12x",
      "{SSHA512}1zDFADZdwr8oS+dzZ4aGZL+RcGLS/QWJPv8Cff9h9hdRS4+cwILtTC5yzASmA"
      "eyBns2+Sn//eSnQv9Kw8rJ936iXYzs=" },
    { "judyPw12x",
      "{SHA512-CRYPT}$6$yUFsNEmnpbsA72Ah$sl/nGOXaza3KJiBpU7qv2FNW7i90yFZ.OeLO"
      "2pr2gbmlKYWMB/qaK8vDfNgvTwh1SH9ya/dPOQ4DSEGUxBhrM/" },
    { "malloryPw12", "751bca82caf4cf13bdb8fd081df4c8c8" },
    { "ninaPw12x", "$2y$10$7f042ebe463110c0204c8eUWcaA8rnQiW6ZV21OJo8OJFfxyoXBHO" },
    { "olafPw12x", "{SSHA}7WFYdnt88uX4tWDo8CEzSCXkOCd0VzlR" },
    { "oscarPw12x", "{BLF-CRYPT}$2y$10$j.GGVtastK7zW.dnkKACZ.7Z60nCEc8EtN.LZSuEQWNV51ggXQsd6" },
    { "patPw12xx", "{PLAIN-MD5}bddedfef2113c4da36dcb51aa2b41b2c" },
    { "peggyPw12x", "{md5raw}9d11cb4b235c21fb89cdde3e04f55f0f" },
    { "quinnPw12x", "{CRAM-MD5}85606d4abcb0e72a2486c911cde8f13d0081650223ca16e91b873e2d1ed62259" },
    { "rupertPw12",
      "{SHA512}cUDkj37xT2FvVGq4qMCBxwBJ7nFXzqoQbORAO0akIU05LCjeWjzQDGEStUGb0J4pse6JfIDrXQxd19es7d0oeg==" },
    { "trentPw12x",
      "{SHA512-CRYPT.B64}JDYkNDQ0ZDljZGY1ZWQ1NGRjMiRMejJaTnJ3cnNPWUxyV0JJbWRZ"
      "dVhETlFXMVEzdko0TzZwZE1CWVlSVzFKcjRpcXJaVGIyeUxkZUgzYWRpeG9raTlYTEVMcDg4N2hkdzFKY0NTWUdUMA==" },
    { "victorPw12x",
      "{ARGON2I}$argon2i$v=19$m=65536,t=4,p=1$cVJFeFJ4bThld25pQngudw$Cmp+UXYE"
      "mI0Y58rcdNeN0UvyvpRKE5NlCHy7bB+I0yE" },
    { "walterPw12", "5bO2024n.9pNM" },
    { "パスワード12abc", "{SHA256}5CYWBJD/8P6eV3Ib4eSTwgAb36jZnpqQ3Tr50SVipNc=" },
    { "quinnPw12x", "{CRAM-MD5.B64}hWBtSryw5yokhskRzejxPQCBZQIjyhbpG4c+LR7WIlk=" },
    { "quinnPw12x", "{hmac-md5}85606d4abcb0e72a2486c911cde8f13d0081650223ca16e91b873e2d1ed62259" },
};

/* Every form there is, of one password. */
#define VECTOR "vectorPw12"
static const char *const vectors[] = {
    "{SHA}Zp8CrENFzV0oCNSx3CfvGrrYkRI=",
    "{SHA1}Zp8CrENFzV0oCNSx3CfvGrrYkRI=",
    "{SHA224}m5RfbJ0hfeTm7qd7c3J1m9ngF9naBdO9rbImPQ==",
    "{SHA256}hNcZvoWfrXcons6OBMkodivTgdejlKdocqhnggreWtk=",
    "{SHA384}WrOx//BjIWaXU7pHjK2djklkFESj5jfaSnuopYs+Yi9xYsIUQ5W0qdV40mVktjbv",
    "{SHA512}PXv5X2uk9KUXVdN0dIibHiEoOz5E+bqY9dE5b3U/LXMbgvBaDFNugeR+foJn4rz2+Qn6t0CA0mxBg/ySUM181w==",
    "{sha256}84d719be859fad77289ece8e04c928762bd381d7a394a76872a867820ade5ad9",
    "{SHA256.HEX}84D719BE859FAD77289ECE8E04C928762BD381D7A394A76872A867820ADE5AD9",
    "{SHA256.b64}hNcZvoWfrXcons6OBMkodivTgdejlKdocqhnggreWtk=",
    "{SHA1.BASE64}Zp8CrENFzV0oCNSx3CfvGrrYkRI=",
    "{SHA256}hNcZvoWfrXcons6OBMkodivTgdejlKdocqhnggreWtk",
    "{SMD5}96tNsPgBD0XcrS43f5BTKgFzYWx0/wA=",
    "{SSHA}MmMVbFAqu4PXMe5t3LsfzEZ5+boBc2FsdP8A",
    "{SSHA224}Yy+3DwA79NwBTFYcmh+fKXoaYAE/R2TBOf5ZNwFzYWx0/wA=",
    "{SSHA256}SPhlp6T1l0CbHqkxlLK9fiFKrgr+/R0V964ABuOSdYYBc2FsdP8A",
    "{SSHA384}isBQ8gNZSbfNfE3iwfhRspADjlL9skL0tWCi3qYOHDL+1ufAERZIUV0qziR3sUf7AXNhbHT/AA==",
    "{SSHA512}iNIozCtmshfSNhZEUJf+oziLZMPsbArO8em7WTqxnvQIkd2jK9jpgE65l00NmByK2bNw76F+NUlZRO5g+"
    "P/QggFzYWx0/wA=",
    "{SSHA256.HEX}48f865a7a4f597409b1ea93194b2bd7e214aae0afefd1d15f7ae0006e39275860173616c74ff00",
    "{SSHA512.B64}iNIozCtmshfSNhZEUJf+oziLZMPsbArO8em7WTqxnvQIkd2jK9jpgE65l00NmByK2bNw76F+NUlZR"
    "O5g+P/QggFzYWx0/wA=",
    "{LDAP-MD5}ZZetBYyrjKW20MJSJCuLUQ==",
    "{MD5}ZZetBYyrjKW20MJSJCuLUQ==",
    "{MD5}6597ad058cab8ca5b6d0c252242b8b51",
    "{MD5RAW}6597ad058cab8ca5b6d0c252242b8b51",
    "{PLAIN-MD5.B64}ZZetBYyrjKW20MJSJCuLUQ==",
    "6597AD058CAB8CA5B6D0C252242B8B51",
    "{CLEARTEXT}vectorPw12",
    "{plain}vectorPw12",
    "{CLEAR}vectorPw12",
    "{PLAIN.B64}dmVjdG9yUHcxMg==",
    "{PLAIN.HEX}766563746f7250773132",
    "vectorPw12",
    "$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/",
    "{MD5-CRYPT}$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/",
    "{MD5}$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/",
    "{CRYPT}$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/",
    "{CRYPT.B64}JDEkTC9jZkVIUjUkbkd2MEhBYWpXZjl0Tk5QQVQuSC9VLw==",
    "$5$qSSBYO.ms7zKvDIX$uZ0mzr6C0RLwHWg9YPar/iH3CYIye4yddaPcGW76DR4",
    "{SHA256-CRYPT}$5$rounds=1000$saltstring$NOkM9BBORYOT3nwVQZd7gg2lrta9zBbb1HDLdLonLBB",
    "$6$UGP55l8is6oiraNK$S8S7JNXJqXuF3v/DOnAmNJ1Brdq4AxkwTJZmS23BFcrVbPSWITL4MhsuF/rl8Pn5Hp2xQk"
    "EocinAFPfyRPRRR0",
    "{sha512-crypt}$6$v72tJ/j1.USNbX9t$kKcYYlQhRPyjLha2xj5Rkz/yoMzEyybmnTyrsyOj.dP8Atj/34BMxHQL"
    "GkEhickSI0eZjkruEO4OlFSkV6wse0",
    "$2a$04$Ww9eZAnROarC2z96Cxdt9.nTTagtbBTpblekBNMQb/ia3OV/bct8K",
    "$2b$04$onNSuun.FGV7VB4W/wzrAufAHUaxjA/ttBp5adBkSJ4sXOKzYsRUm",
    "{BLF-CRYPT}$2y$04$Rr6z9GO2h5ng9C3EyRrUmumf9PKQHlLGk3lYjvXgYLTJ1mrZcWUg2",
    "$y$j75$M1Lqzi4JjerFf8kW0tLSE.$On7TPhFd.9f6t7lLv0fRsoqWpROBL76cW5en93GOXMA",
    "$gy$j75$FReAH/HfYEYZf27zhZ/tj0$fxFhNUt676fMdws8OaC.W8X38WEwxD.cugpRPniA8Y1",
    "$7$BU..../....PGhlHRMy6ntA2ECeYcEOr0$sGO7qAXZzFPepX99lrKh3.VwPT.Sjs/6gU/qCjwJyBD",
    "{CRYPT}$y$j9T$SJYWsbOLmbzlgv5NEZFmK1$X85R4hUl/AiUniV.tY1bngMCv3qw4KBmiwFYLeDM0Z7",
    "abGcbNNbtgxR6",
    "{DES-CRYPT}xy7QHOvlZVv7c",
    "{CRYPT}./bZPqpIdOFTM",
    "{PLAIN-MD4}e99133c8fb4a0e68e4c981809e096af1",
    "$argon2i$v=19$m=8,t=3,p=1$pYPVldUJKiedDUmdNixFKg$be0mKuW1sxDj5CH0/PLtr2fLsyZqlb3hbxB6Ad2n+q0",
    "$argon2id$v=19$m=8,t=1,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dwE//GVIYQU7qAc",
    "{argon2id}$argon2id$v=19$m=8,t=1,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dw"
    "E//GVIYQU7qAc",
};

static void assert_opens_only_with(const char *clear, const char *stored)
{
    struct text right = text_of(clear), kept = text_of(stored);
    struct task *t = task_open();
    char *other = task_c_string(t, right);

    print_message("  %s\n", stored);
    assert_true(password_matches(right, kept));
    other[0] ^= 1; /* DES sees eight octets, so the difference is in the first one */
    assert_false(password_matches((struct text){ other, right.length }, kept));
    assert_false(password_matches(text_part(right, 0, 7), kept));
    assert_false(password_matches(TEXT(""), kept));
    assert_false(password_matches(task_join(t, right, TEXT("\0")), kept));
    if (!text_equal(kept, right)) /* the table's own content opens nothing */
        assert_false(password_matches(kept, kept));
    task_close(t);
}

static void adopted_passwords_open_their_accounts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(adopted); i++)
        assert_opens_only_with(adopted[i].clear, adopted[i].stored);
}

static void every_form_opens_with_its_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++)
        assert_opens_only_with(VECTOR, vectors[i]);
}

/* One octet changed anywhere in a value, or cut off, and it opens nothing. */
static void a_spoilt_value_opens_nothing(void **state)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct task *t = fresh_task(state);
        char *spoilt = task_c_string(t, text_of(vectors[i]));
        size_t length = strlen(spoilt);

        if (text_equal(text_of(vectors[i]), TEXT(VECTOR)))
            continue;
        spoilt[length - 8] = spoilt[length - 8] == 'x' ? 'y' : 'x';
        assert_false(password_matches(TEXT(VECTOR), text_of(spoilt)));
        spoilt[length - 8] = '\0';
        assert_false(password_matches(TEXT(VECTOR), text_of(spoilt)));
    }
}

/* What nobody can check, in pairs of what is typed and what is stored. */
static const struct {
    const char *clear, *stored;
} closed[] = {
    { "x", "" },
    { "x", "!" },
    { "!", "!" },
    { "*", "*" },
    { "x", "!$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/" },
    { VECTOR, "!$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/" },
    { VECTOR, "!vectorPw12" },
    { "!vectorPw12", "!vectorPw12" },
    { "{", "{}" },
    { "x", "{}x" },
    { "x", "{UNHEARD-OF}x" },
    { "{UNHEARD-OF}x", "{UNHEARD-OF}x" },
    { VECTOR, LOCKED_PREFIX VECTOR },
    { LOCKED_PREFIX VECTOR, LOCKED_PREFIX VECTOR },
    { VECTOR, LOCKED_PREFIX CLEARTEXT_PREFIX VECTOR },
    { CLEARTEXT_PREFIX VECTOR, LOCKED_PREFIX CLEARTEXT_PREFIX VECTOR },
    { VECTOR, LOCKED_PREFIX "$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/" },
    { "x", "{CLEARTEXT}" },
    { "x", "{PLAIN.ROT13}x" },
    { "x", "{PLAIN.HEX}7" },
    { "x", "{PLAIN.HEX}zz" },
    { "x", "{PLAIN.B64}!" },
    { "x", "{SSHA}" },
    { VECTOR, "{SSHA}Zp8CrENFzV0oCNSx3CfvGrrYkRI=" }, /* no salt */
    { VECTOR, "{SHA}MmMVbFAqu4PXMe5t3LsfzEZ5+boBc2FsdP8A" }, /* a salt */
    { VECTOR, "{SCRAM-SHA-256}4096,c2FsdA==,AAAA,BBBB" },
    { VECTOR, "{BLF-CRYPT}" },
    { VECTOR, "{ARGON2ID}" },
    { VECTOR, "{ARGON2ID}vectorPw12" },
    { VECTOR, "{CRYPT}vectorPw12" },
    { "$9$salt$hash", "$9$salt$hash" },
    { "$md5,rounds=5$salt$hash", "$md5,rounds=5$salt$hash" },
    { "$1$", "$1$" },
    { "$6$", "$6$" },
    { "$y$", "$y$" },
    { "$y$j9T$", "$y$j9T$" },
    { "$argon2id$", "$argon2id$" },
    { "669f02ac4345cd5d2808d4b1dc27ef1abad89112", "669f02ac4345cd5d2808d4b1dc27ef1abad89112" },
};

static void what_nobody_can_check_opens_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(closed); i++) {
        print_message("  %s\n", closed[i].stored);
        assert_false(password_matches(text_of(closed[i].clear), text_of(closed[i].stored)));
    }
    assert_false(password_matches(TEXT("x"), (struct text){ NULL, 0 }));
    assert_false(password_matches((struct text){ NULL, 0 }, TEXT("x")));
    assert_false(password_matches(TEXT("a\0b"), TEXT("a\0b")));
}

/* Values whose cost would stop the service. Were one of them run, this test would not end in its time. */
static const char *const absurd[] = {
    "$5$rounds=999999999$saltstring$NOkM9BBORYOT3nwVQZd7gg2lrta9zBbb1HDLdLonLBB",
    "$6$rounds=5000001$saltstring$NOkM9BBORYOT3nwVQZd7gg2lrta9zBbb1HDLdLonLBB",
    "$6$rounds=99999999999999999999$saltstring$NOkM9BBORYOT3nwVQZd7gg2lrta9zBbb1HDLdLonLBB",
    "{SHA512-CRYPT}$6$rounds=900000000$saltstring$NOkM9BBORYOT3nwVQZd7gg2lrta9zBbb1HDLdLonLBB",
    "$2y$17$W.o/Ily/Rf04INSmpUZzI.ORqx/WccVpdZdiB.R6.zWb9MeyB3CI.",
    "$2b$31$W.o/Ily/Rf04INSmpUZzI.ORqx/WccVpdZdiB.R6.zWb9MeyB3CI.",
    "{BLF-CRYPT}$2y$31$W.o/Ily/Rf04INSmpUZzI.ORqx/WccVpdZdiB.R6.zWb9MeyB3CI.",
    "$y$jGT$M1Lqzi4JjerFf8kW0tLSE.$On7TPhFd.9f6t7lLv0fRsoqWpROBL76cW5en93GOXMA",
    "$y$jZT$M1Lqzi4JjerFf8kW0tLSE.$On7TPhFd.9f6t7lLv0fRsoqWpROBL76cW5en93GOXMA",
    "$y$j9z.$M1Lqzi4JjerFf8kW0tLSE.$On7TPhFd.9f6t7lLv0fRsoqWpROBL76cW5en93GOXMA",
    "$y$j9T//z$M1Lqzi4JjerFf8kW0tLSE.$On7TPhFd.9f6t7lLv0fRsoqWpROBL76cW5en93GOXMA",
    "$gy$jGT$FReAH/HfYEYZf27zhZ/tj0$fxFhNUt676fMdws8OaC.W8X38WEwxD.cugpRPniA8Y1",
    "$7$JU..../....PGhlHRMy6ntA2ECeYcEOr0$sGO7qAXZzFPepX99lrKh3.VwPT.Sjs/6gU/qCjwJyBD",
    "$7$BUz.../....PGhlHRMy6ntA2ECeYcEOr0$sGO7qAXZzFPepX99lrKh3.VwPT.Sjs/6gU/qCjwJyBD",
    "$7$BU....z....PGhlHRMy6ntA2ECeYcEOr0$sGO7qAXZzFPepX99lrKh3.VwPT.Sjs/6gU/qCjwJyBD",
    "$argon2id$v=19$m=1048577,t=1,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dwE//GVIYQU7qAc",
    "$argon2id$v=19$m=1048576,t=5,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dwE//GVIYQU7qAc",
    "$argon2id$v=19$m=8,t=999999999,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dwE//GVIYQU7qAc",
    "$argon2id$v=19$m=8,t=9999999999,p=1$4LDT6J1L4MCn9cCG9J8zMA$Z3Ob3eNxecAphQ22fymspyN3RG87dwE//GVIYQU7qAc",
    "{ARGON2I}$argon2i$v=19$m=4194304,t=4,p=1$cVJFeFJ4bThld25pQngudw$Cmp+UXYEmI0Y58rcdNeN0UvyvpRKE5NlCHy7bB+I0yE",
    "$argon2id$m=65536,t=4,p=1$OHYyZ0wya0l4cG50TEdUYQ$smFjLFdC1798nH67WdpFw/YnN4s2MZjY1vF5Olhx+4E",
};

static void absurd_costs_are_not_paid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(absurd); i++) {
        print_message("  %s\n", absurd[i]);
        assert_false(password_matches(TEXT(VECTOR), text_of(absurd[i])));
    }
}

static void absurd_lengths_open_nothing(void **state)
{
    struct task *t = fresh_task(state);
    struct text most = repeated(t, 'a', 511), beyond = repeated(t, 'a', 512), far = repeated(t, '$', 100000);
    struct text hash;

    assert_true(password_matches(most, most));
    assert_false(password_matches(beyond, beyond));
    assert_false(password_matches(far, far));
    assert_false(password_matches(TEXT(VECTOR), far));
    assert_false(password_matches(TEXT(VECTOR), task_join(t, TEXT("{SSHA}"), repeated(t, 'A', 100000))));
    assert_false(password_matches(TEXT(VECTOR), task_join(t, TEXT("$1$"), repeated(t, 'A', 500))));
    assert_false(password_matches(TEXT(VECTOR), task_join(t, TEXT("{PLAIN.HEX}"), repeated(t, 'a', 1000))));
    assert_problem(t, password_hash(t, "password", SCHEME_SHA512CRYPT, most, &hash), NULL);
    assert_true(password_matches(most, hash));
}

/* What each scheme writes: how it begins and how long it is. */
static const struct {
    const char *begins;
    size_t length;
    bool weak;
} made[] = {
    [SCHEME_MD5CRYPT] = { "$1$", 34, true },
    [SCHEME_SHA512CRYPT] = { "$6$", 106, false },
    [SCHEME_BCRYPT] = { "$2y$10$", 60, false },
    [SCHEME_YESCRYPT] = { "$y$j9T$", 73, false },
    [SCHEME_CLEARTEXT] = { "{CLEARTEXT}", 0, true },
};

static const char *const chosen[] = { "vectorPw12", "パスワード12abc", "{SSHA}looks like one",
                                      "$1$L/cfEHR5$nGv0HAajWf9tNN",
                                      "751bca82caf4cf13bdb8fd081df4c8c8", "!locked", " blank at both ends " };

static void every_scheme_makes_what_it_opens(void **state)
{
    for (size_t s = 0; s < COUNT(made); s++)
        for (size_t i = 0; i < COUNT(chosen); i++) {
            struct task *t = fresh_task(state);
            struct text clear = text_of(chosen[i]), hash, again;
            enum scheme scheme = (enum scheme)s;

            print_message("  %s: %s\n", scheme_words[s], chosen[i]);
            assert_problem(t, password_hash(t, "password", scheme, clear, &hash), NULL);
            assert_true(text_starts(hash, text_of(made[s].begins)));
            if (made[s].length)
                assert_int_equal(hash.length, made[s].length);
            assert_true(password_matches(clear, hash));
            assert_false(password_matches(TEXT("vectorPw13"), hash));
            assert_false(password_matches(hash, hash));
            assert_int_equal(password_is_weak(hash), made[s].weak);
            for (size_t other = 0; other < COUNT(made); other++)
                assert_int_equal(password_is_of((enum scheme)other, hash), other == s);
            assert_problem(t, password_hash(t, "password", scheme, clear, &again), NULL);
            assert_int_equal(text_equal(hash, again), scheme == SCHEME_CLEARTEXT); /* the salt differs */
            password_pretend(scheme, clear);
        }
}

static void nobodys_password_is_nobodys(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT(made); s++) {
        password_pretend((enum scheme)s, TEXT(""));
        password_pretend((enum scheme)s, TEXT("-"));
        password_pretend((enum scheme)s, (struct text){ NULL, 0 });
    }
}

static void unfit_passwords_are_refused(void **state)
{
    static const struct {
        enum scheme scheme;
        size_t length;
        const char *problem;
    } cases[] = {
        { SCHEME_BCRYPT, 72, NULL },     { SCHEME_BCRYPT, 73, "password_unfit" },
        { SCHEME_MD5CRYPT, 511, NULL },  { SCHEME_MD5CRYPT, 512, "password_unfit" },
        { SCHEME_YESCRYPT, 511, NULL },  { SCHEME_YESCRYPT, 512, "password_unfit" },
        { SCHEME_CLEARTEXT, 244, NULL }, { SCHEME_CLEARTEXT, 245, "password_unfit" }, /* the column's width */
        { SCHEME_MD5CRYPT, 0, "password_unfit" }, { SCHEME_CLEARTEXT, 0, "password_unfit" },
    };
    struct text hash;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct text clear = repeated(t, 'p', cases[i].length);

        assert_problem(t, password_hash(t, "password", cases[i].scheme, clear, &hash), cases[i].problem);
    }
    for (size_t s = 0; s < COUNT(made); s++) {
        struct task *t = fresh_task(state);
        enum outcome o = password_hash(t, "password", (enum scheme)s, TEXT("a\0b"), &hash);

        assert_problem(t, o, "password_unfit");
    }
}

static void schemes_have_names(void **state)
{
    enum scheme s = SCHEME_CLEARTEXT;

    (void)state;
    for (size_t i = 0; scheme_words[i]; i++) {
        assert_true(scheme_named(text_of(scheme_words[i]), &s));
        assert_int_equal(s, i);
    }
    assert_false(scheme_named(TEXT("rot13"), &s));
    assert_false(scheme_named(TEXT(""), &s));
}

static void weak_and_of_go_by_the_value(void **state)
{
    static const struct {
        const char *stored;
        int of; /* the scheme, or -1 */
        bool weak;
    } cases[] = {
        { "{SHA512-CRYPT}$6$df55865281677816$aeVxWeKryG38Lv0", SCHEME_SHA512CRYPT, false },
        { "{SHA512-CRYPT.B64}JDYkNDQ0ZDljZGY1ZWQ1NGRjMiRMejJaTnJ3cnNP", SCHEME_SHA512CRYPT, false },
        { "{BLF-CRYPT}$2y$10$j.GGVtastK7zW.dnkKACZ", SCHEME_BCRYPT, false },
        { "$2b$12$W.o/Ily/Rf04INSmpUZzI.", SCHEME_BCRYPT, false },
        { "{MD5-CRYPT}$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/", SCHEME_MD5CRYPT, true },
        { "$5$rounds=10000$O2O80hx6gPddWqCu$5KYUH", -1, false },
        { "$argon2id$v=19$m=65536,t=4,p=1$OHYyZ0", -1, false },
        { "{ARGON2I}$argon2i$v=19$m=65536,t=4,p=1$cVJF", -1, false },
        { "{SSHA512}1zDFADZdwr8oS+dzZ4aGZL+RcGLS", -1, true },
        { "{CRAM-MD5}85606d4abcb0e72a2486c911cde8f13d0081650223ca16e91b873e2d1ed62259", -1, true },
        { "5bO2024n.9pNM", -1, true },
        { "751bca82caf4cf13bdb8fd081df4c8c8", -1, true },
        { "bare clear text", -1, true },
        { "{PLAIN}clear", SCHEME_CLEARTEXT, true },
        { "!", -1, false },
        { "", -1, false },
        { "{UNHEARD-OF}x", -1, false },
        { LOCKED_PREFIX "$1$L/cfEHR5$nGv0HAajWf9tNNPAT.H/U/", -1, false },
        { LOCKED_PREFIX "{CLEARTEXT}x", -1, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("  %s\n", cases[i].stored);
        assert_int_equal(password_is_weak(text_of(cases[i].stored)), cases[i].weak);
        for (size_t s = 0; s < COUNT(made); s++)
            assert_int_equal(password_is_of((enum scheme)s, text_of(cases[i].stored)), (int)s == cases[i].of);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopted_passwords_open_their_accounts),
        cmocka_unit_test(every_form_opens_with_its_password),
        TASK_TEST(a_spoilt_value_opens_nothing),
        cmocka_unit_test(what_nobody_can_check_opens_nothing),
        cmocka_unit_test(absurd_costs_are_not_paid),
        TASK_TEST(absurd_lengths_open_nothing),
        TASK_TEST(every_scheme_makes_what_it_opens),
        cmocka_unit_test(nobodys_password_is_nobodys),
        TASK_TEST(unfit_passwords_are_refused),
        cmocka_unit_test(schemes_have_names),
        cmocka_unit_test(weak_and_of_go_by_the_value),
    };

    secret_start();
    return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
