#include "engines/pdf_signer.h"

#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>

#include <string.h>

#define MAX_CERTIFICATES 32
#define MAX_DER (4 * 1024 * 1024)

typedef gnutls_pkcs7_t Pkcs7;
typedef gnutls_x509_crt_t Certificate;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(Pkcs7, gnutls_pkcs7_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(Certificate, gnutls_x509_crt_deinit, NULL)

/* Length of the outermost DER element (X.690, 8.1.3), without the padding behind it; all of it when indefinite. */
static gsize der_length(const guint8 *data, gsize size)
{
    if (size < 2 || data[0] != 0x30)
        return 0;
    if (data[1] < 0x80)
        return MIN(size, 2 + (gsize)data[1]);
    guint n = data[1] & 0x7f;
    if (n == 0)
        return size;
    if (n > 4 || size < 2 + (gsize)n)
        return 0;
    gsize untrusted_length = 0;
    for (guint i = 0; i < n; i++)
        untrusted_length = untrusted_length << 8 | data[2 + i];
    return untrusted_length > size - 2 - n ? 0 : 2 + n + untrusted_length;
}

static Certificate certificate_at(Pkcs7 pkcs7, int index)
{
    gnutls_datum_t der = {0};
    g_auto(Certificate) certificate = NULL;
    if (gnutls_pkcs7_get_crt_raw2(pkcs7, (unsigned)index, &der) < 0)
        return NULL;
    gboolean read =
        gnutls_x509_crt_init(&certificate) >= 0 && gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0;
    gnutls_free(der.data);
    return read ? g_steal_pointer(&certificate) : NULL;
}

static gboolean has_serial(Certificate certificate, const gnutls_datum_t *want)
{
    guint8 serial[128];
    size_t size = sizeof serial;
    return gnutls_x509_crt_get_serial(certificate, serial, &size) >= 0 && size == want->size &&
           memcmp(serial, want->data, size) == 0;
}

static char *name_of(Certificate certificate)
{
    char name[256];
    size_t size = sizeof name;
    if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) >= 0)
        return g_strndup(name, size);
    size = sizeof name;
    return gnutls_x509_crt_get_dn(certificate, name, &size) >= 0 ? g_strndup(name, strnlen(name, size)) : NULL;
}

/* The certificate whose number the signature names, else the first. */
static char *signer_of(Pkcs7 pkcs7)
{
    gnutls_pkcs7_signature_info_st info = {0};
    gboolean known = gnutls_pkcs7_get_signature_info(pkcs7, 0, &info) >= 0;
    int n = MIN(gnutls_pkcs7_get_crt_count(pkcs7), MAX_CERTIFICATES);
    char *name = NULL;
    for (int pass = 0; pass < 2 && !name; pass++) {
        for (int i = 0; i < n && !name; i++) {
            g_auto(Certificate) certificate = certificate_at(pkcs7, i);
            gboolean fits = pass == 1 || (known && certificate && has_serial(certificate, &info.signer_serial));
            if (certificate && fits)
                name = name_of(certificate);
        }
    }
    if (known)
        gnutls_pkcs7_signature_info_deinit(&info);
    return name;
}

char *mgk_pdf_signer_name(const guint8 *data, gsize size)
{
    gsize length = der_length(data, size);
    if (length == 0 || length > MAX_DER)
        return NULL;
    g_autofree guint8 *copy = g_memdup2(data, length);
    gnutls_datum_t der = {.data = copy, .size = (unsigned)length};
    g_auto(Pkcs7) pkcs7 = NULL;
    if (gnutls_pkcs7_init(&pkcs7) < 0 || gnutls_pkcs7_import(pkcs7, &der, GNUTLS_X509_FMT_DER) < 0)
        return NULL;
    return signer_of(pkcs7);
}
