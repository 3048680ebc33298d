#include "engines/office_info.h"

#include "engines/recognise.h"

#include <libxml/parser.h>
#include <nettle/sha1.h>
#include <string.h>

#define BLOCK 16 /* bytes of AES */
#define XML_BYTES (64u << 10)
#define NS "http://schemas.microsoft.com/office/2006/encryption"
#define NS_PASSWORD "http://schemas.microsoft.com/office/2006/keyEncryptor/password"
#define STANDARD_SPINS 50000

enum { FLAG_CRYPTOAPI = 1 << 2, FLAG_EXTERNAL = 1 << 4, FLAG_AES = 1 << 5 };
enum { ALG_AES128 = 0x660e, ALG_AES192, ALG_AES256, ALG_SHA1 = 0x8004 };

static gboolean malformed(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "EncryptionInfo: %s", what);
    return FALSE;
}

static gboolean unsupported(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_UNSUPPORTED, "EncryptionInfo: %s", what);
    return FALSE;
}

static gboolean is_key_size(guint64 bits)
{
    return bits == 128 || bits == 192 || bits == 256;
}

static gsize whole_blocks(gsize size)
{
    return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static void take(MgkOfficeBytes *bytes, const guint8 *from, gsize size)
{
    bytes->size = size;
    memcpy(bytes->bytes, from, size);
}

/* ---- standard: EncryptionHeader and EncryptionVerifier (2.3.2, 2.3.3) ---- */

static gboolean judge_header(const guint8 *header, MgkOfficeInfo *info, GError **error)
{
    guint32 flags = mgk_recognise_u32le(header), algorithm = mgk_recognise_u32le(header + 8);
    guint32 hash = mgk_recognise_u32le(header + 12), bits = mgk_recognise_u32le(header + 16);
    if ((flags & (FLAG_CRYPTOAPI | FLAG_EXTERNAL)) != FLAG_CRYPTOAPI || !(flags & FLAG_AES))
        return unsupported(error, "no AES in its flags");
    if ((algorithm < ALG_AES128 || algorithm > ALG_AES256) && algorithm != 0)
        return unsupported(error, "cipher");
    if (hash != ALG_SHA1 && hash != 0)
        return unsupported(error, "hash");
    guint named = algorithm ? 128 + (algorithm - ALG_AES128) * 64 : 128;
    if (bits != named)
        return malformed(error, "key size and cipher disagree");
    info->key = (MgkOfficeCipher){.hash = &nettle_sha1, .key_bits = bits};
    return TRUE;
}

/* After the version: flags, size of the header, header, verifier. */
static gboolean parse_standard(const guint8 *p, gsize size, MgkOfficeInfo *info, GError **error)
{
    const gsize verifier = 4 + BLOCK + BLOCK + 4 + 2 * BLOCK;
    if (size < 8)
        return malformed(error, "cut short");
    guint32 untrusted_header = mgk_recognise_u32le(p + 4);
    if (untrusted_header < 32 || untrusted_header > size - 8 || size - 8 - untrusted_header < verifier)
        return malformed(error, "cut short");
    const guint8 *after = p + 8 + untrusted_header;
    if (!judge_header(p + 8, info, error))
        return FALSE;
    if (mgk_recognise_u32le(after) != BLOCK || mgk_recognise_u32le(after + 36) != SHA1_DIGEST_SIZE)
        return malformed(error, "sizes of the verifier");
    info->spins = STANDARD_SPINS;
    take(&info->key.salt, after + 4, BLOCK);
    take(&info->verifier, after + 20, BLOCK);
    take(&info->verifier_hash, after + 40, (gsize)2 * BLOCK);
    return TRUE;
}

/* ---- agile: XML whose attributes are all that counts ---- */

typedef struct Reading {
    MgkOfficeInfo *info;
    xmlParserCtxtPtr parser; /* owned */
    guint seen[3];           /* elements below, in their order */
    GError *error;           /* the first one */
} Reading;

typedef struct Element {
    const xmlChar **attributes; /* five pointers each, as libxml2 gives them */
    int n;
} Element;

/* The value of an attribute without namespace; owned by the caller, NULL when missing. */
static char *attribute(const Element *element, const char *name)
{
    for (int i = 0; i < element->n; i++) {
        const xmlChar **a = element->attributes + (gsize)i * 5;
        if (!a[2] && strcmp((const char *)a[0], name) == 0)
            return g_strndup((const char *)a[3], (gsize)(a[4] - a[3]));
    }
    return NULL;
}

static gboolean attribute_number(const Element *element, const char *name, guint64 *ret_number, GError **error)
{
    g_autofree char *text = attribute(element, name);
    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, ret_number, NULL))
        return malformed(error, name);
    return TRUE;
}

static gboolean attribute_bytes(const Element *element, const char *name, MgkOfficeBytes *ret_bytes, GError **error)
{
    g_autofree char *text = attribute(element, name);
    gsize size = 0;
    g_autofree guchar *bytes = text && *text ? g_base64_decode(text, &size) : NULL;
    if (!bytes || size == 0 || size > sizeof ret_bytes->bytes)
        return malformed(error, name);
    take(ret_bytes, bytes, size);
    return TRUE;
}

static gboolean attribute_is(const Element *element, const char *name, const char *want)
{
    g_autofree char *text = attribute(element, name);
    return text && strcmp(text, want) == 0;
}

static const struct nettle_hash *attribute_hash(const Element *element)
{
    static const struct {
        const char *name;
        const struct nettle_hash *hash;
    } hashes[] = {
        {"SHA1", &nettle_sha1}, {"SHA256", &nettle_sha256}, {"SHA384", &nettle_sha384}, {"SHA512", &nettle_sha512}};
    for (gsize i = 0; i < G_N_ELEMENTS(hashes); i++) {
        if (attribute_is(element, "hashAlgorithm", hashes[i].name))
            return hashes[i].hash;
    }
    return NULL;
}

/* What keyData and encryptedKey have in common. */
static gboolean read_cipher(const Element *element, MgkOfficeCipher *cipher, GError **error)
{
    guint64 salt = 0, block = 0, bits = 0, digest = 0;
    cipher->hash = attribute_hash(element);
    if (!attribute_is(element, "cipherAlgorithm", "AES") ||
        !attribute_is(element, "cipherChaining", "ChainingModeCBC") || !cipher->hash)
        return unsupported(error, "cipher, chaining or hash");
    if (!attribute_number(element, "saltSize", &salt, error) ||
        !attribute_number(element, "blockSize", &block, error) || !attribute_number(element, "keyBits", &bits, error) ||
        !attribute_number(element, "hashSize", &digest, error) ||
        !attribute_bytes(element, "saltValue", &cipher->salt, error))
        return FALSE;
    if (salt != cipher->salt.size || block != BLOCK || !is_key_size(bits) || digest != cipher->hash->digest_size)
        return malformed(error, "sizes of salt, block, key or hash");
    cipher->key_bits = (guint)bits;
    return TRUE;
}

static gboolean read_key_data(const Element *element, MgkOfficeInfo *info, GError **error)
{
    return read_cipher(element, &info->data, error);
}

static gboolean read_integrity(const Element *element, MgkOfficeInfo *info, GError **error)
{
    return attribute_bytes(element, "encryptedHmacKey", &info->hmac_key, error) &&
           attribute_bytes(element, "encryptedHmacValue", &info->hmac_value, error);
}

static gboolean read_password_key(const Element *element, MgkOfficeInfo *info, GError **error)
{
    return read_cipher(element, &info->key, error) && attribute_number(element, "spinCount", &info->spins, error) &&
           attribute_bytes(element, "encryptedVerifierHashInput", &info->verifier, error) &&
           attribute_bytes(element, "encryptedVerifierHashValue", &info->verifier_hash, error) &&
           attribute_bytes(element, "encryptedKeyValue", &info->inner_key, error);
}

static const struct {
    const char *ns, *name;
    gboolean (*read)(const Element *element, MgkOfficeInfo *info, GError **error);
} elements[] = {{NS, "keyData", read_key_data},
                {NS, "dataIntegrity", read_integrity},
                {NS_PASSWORD, "encryptedKey", read_password_key}};

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                     const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    (void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
    Reading *reading = context;
    const Element element = {attributes, n_attributes};
    for (guint i = 0; !reading->error && uri && i < G_N_ELEMENTS(elements); i++) {
        if (strcmp((const char *)uri, elements[i].ns) != 0 || strcmp((const char *)name, elements[i].name) != 0)
            continue;
        if (reading->seen[i]++ > 0)
            malformed(&reading->error, "an element twice");
        else
            elements[i].read(&element, reading->info, &reading->error);
    }
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    Reading *reading = context;
    if (!reading->error)
        malformed(&reading->error, "a document type");
    xmlStopParser(reading->parser);
}

static void on_complaint(void *context, const char *message, ...)
{
    (void)context, (void)message; /* the parser's return value tells */
}

static gboolean sizes_agree(const MgkOfficeInfo *info)
{
    gsize digest = whole_blocks(info->key.hash->digest_size), seal = whole_blocks(info->data.hash->digest_size);
    return info->verifier.size == whole_blocks(info->key.salt.size) && info->verifier_hash.size == digest &&
           info->inner_key.size == whole_blocks(info->data.key_bits / 8) && info->hmac_key.size == seal &&
           info->hmac_value.size == seal;
}

static gboolean parse_agile(const guint8 *xml, gsize size, MgkOfficeInfo *info, GError **error)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .internalSubset = on_doctype,
                         .warning = on_complaint,
                         .error = on_complaint};
    Reading reading = {.info = info};
    if (size > XML_BYTES)
        return malformed(error, "too long");
    reading.parser = xmlCreatePushParserCtxt(&sax, &reading, NULL, 0, NULL);
    xmlCtxtUseOptions(reading.parser, XML_PARSE_NONET);
    gboolean whole = xmlParseChunk(reading.parser, (const char *)xml, (int)size, 1) == XML_ERR_OK;
    xmlFreeParserCtxt(reading.parser);
    if (reading.error) {
        g_propagate_error(error, reading.error);
        return FALSE;
    }
    if (!whole)
        return malformed(error, "XML");
    if (!reading.seen[2])
        return unsupported(error, "no password opens it");
    if (!reading.seen[0] || !reading.seen[1])
        return malformed(error, "keyData or dataIntegrity is missing");
    info->agile = TRUE;
    return sizes_agree(info) || malformed(error, "sizes of the encrypted values");
}

gboolean mgk_office_info_parse(const guint8 *data, gsize size, MgkOfficeInfo *ret_info, GError **error)
{
    memset(ret_info, 0, sizeof *ret_info);
    if (size < 8)
        return malformed(error, "cut short");
    guint major = mgk_recognise_u16le(data), minor = mgk_recognise_u16le(data + 2);
    if (major == 4 && minor == 4)
        return parse_agile(data + 8, size - 8, ret_info, error);
    if (minor == 2 && major >= 2 && major <= 4)
        return parse_standard(data + 4, size - 4, ret_info, error);
    return unsupported(error, "scheme");
}
