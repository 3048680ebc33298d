/* disk.c - images of disks: recognised only, blocked, because a double click mounts them and their files carry no mark
 * of origin. UDF (ECMA-167), VHD, VHDX, VMDK, QCOW, DMG, WIM, and boot sectors of FAT and NTFS. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

static gboolean is_boot_sector(const MgkProbe *probe)
{
    const guint8 *p = probe->data;
    if (probe->size < 1024 || probe->size % 512 || memcmp(p + 510, "\x55\xaa", 2) != 0)
        return FALSE;
    return memcmp(p + 54, "FAT", 3) == 0 || memcmp(p + 82, "FAT32", 5) == 0 || memcmp(p + 3, "NTFS", 4) == 0 ||
           memcmp(p + 3, "EXFAT", 5) == 0 || memcmp(p + 512, "EFI PART", 8) == 0;
}

static guint probe(const MgkProbe *probe)
{
    static const MgkMagic table[] = {MGK_MAGIC(0x8001, "BEA01"),
                                     MGK_MAGIC(0x8001, "NSR0"),
                                     MGK_MAGIC(0, "conectix"),
                                     MGK_MAGIC(0, "vhdxfile"),
                                     MGK_MAGIC(0, "QFI\xfb"),
                                     MGK_MAGIC(0, "KDMV"),
                                     MGK_MAGIC(0, "# Disk DescriptorFile"),
                                     MGK_MAGIC(0, "MSWIM\0\0\0"),
                                     MGK_MAGIC(0, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0")};
    if (MGK_MAGIC_ANY(probe, table) || is_boot_sector(probe))
        return 88; /* below a program or archive that merely has such bytes inside */
    const guint8 *end = probe->data + probe->size;
    return probe->size > 512 && (memcmp(end - 512, "koly", 4) == 0 || memcmp(end - 512, "conectix", 8) == 0) ? 88 : 0;
}

static gboolean clean(MgkJob *job, GError **error)
{
    (void)error;
    return mgk_job_block(job, MGK_REASON_DANGEROUS_FORMAT, "disk image");
}

const MgkHandler mgk_format_disk = {.probe = probe, .clean = clean};
