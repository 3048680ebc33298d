#include "engines/pdf_signer.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>

#include <check.h>
#include <string.h>

/* A signature made here and now by a self-signed certificate of this name; DER with PDF's zero padding behind it. */
static GByteArray *sign(const char *name)
{
    gnutls_x509_privkey_t key;
    gnutls_privkey_t signer;
    gnutls_x509_crt_t certificate;
    gnutls_pkcs7_t pkcs7;
    gnutls_x509_privkey_init(&key);
    ck_assert_int_eq(
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
    gnutls_x509_crt_init(&certificate);
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, "\1\2", 2);
    gnutls_x509_crt_set_activation_time(certificate, 0);
    gnutls_x509_crt_set_expiration_time(certificate, 2000000000);
    gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
    gnutls_x509_crt_set_key(certificate, key);
    ck_assert_int_eq(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
    gnutls_privkey_init(&signer);
    gnutls_privkey_import_x509(signer, key, 0);
    gnutls_pkcs7_init(&pkcs7);
    gnutls_datum_t data = {(guint8 *)g_strdup("x"), 1}, der = {0};
    ck_assert_int_eq(gnutls_pkcs7_sign(pkcs7, certificate, signer, &data, NULL, NULL, GNUTLS_DIG_SHA256,
                                       GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME),
                     0);
    ck_assert_int_eq(gnutls_pkcs7_export2(pkcs7, GNUTLS_X509_FMT_DER, &der), 0);
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, der.data, der.size);
    guint8 padding[500] = {0};
    g_byte_array_append(out, padding, sizeof padding);
    gnutls_free(der.data);
    g_free(data.data);
    gnutls_pkcs7_deinit(pkcs7);
    gnutls_privkey_deinit(signer);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    return out;
}

START_TEST(test_pdf_signer__name_is_read)
{
    static const char *const names[] = {"Yamada Taro", "山田太郎（総務課）"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GByteArray) block = sign(names[i]);
        g_autofree char *got = mgk_pdf_signer_name(block->data, block->len);
        ck_assert_msg(got && strcmp(got, names[i]) == 0, "got %s want %s", got ? got : "(nothing)", names[i]);
    }
}
END_TEST

START_TEST(test_pdf_signer__rubbish_gives_nothing)
{
    g_autoptr(GByteArray) block = sign("x");
    for (guint cut = 0; cut < block->len - 500; cut += 7)
        ck_assert_msg(mgk_pdf_signer_name(block->data, cut) == NULL, "cut at %u", cut);
    ck_assert(mgk_pdf_signer_name((const guint8 *)"\x30\x84\xff\xff\xff\xff", 6) == NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pdf_signer");
    TCase *tc = tcase_create("pdf_signer");
    tcase_add_test(tc, test_pdf_signer__name_is_read);
    tcase_add_test(tc, test_pdf_signer__rubbish_gives_nothing);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
