// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules that struct tdx_blob, SEAM_SIGSTRUCT and SEAMLDR.INSTALL lay down, one
 * line each: TDX module binaries repository, "blob_structure.txt"; SEAM Loader
 * (SEAMLDR) Interface Specification, "SEAM_SIGSTRUCT" and "SEAMLDR.INSTALL".
 */
#include <string.h>

/* For the names of the reasons, and nothing else */
#include <asm/seamldr.h>

#include "oracle.h"

enum {
	SIGSTRUCT_VERSION	= 0x10000,
	CPUID_TABLE_SIZE	= 1024,
	CPUID_TABLE		= 1028,
	CPUID_TABLE_MAX		= 255,
	MAX_SIGSTRUCT_PAGES	= 4,
	MIN_FILE_PAGES		= 1 + 1 + 1,
	MAX_FILE_PAGES		= 1 + MAX_SIGSTRUCT_PAGES + ORACLE_MAX_PAGES,
};

/* Bytes of an image, where the specification gives offsets. */
static uint64_t number(const uint8_t *from, size_t bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | from[bytes];
	return value;
}

static uint16_t word(const uint8_t *bytes, size_t offset)
{
	return number(bytes + offset, 2);
}

static uint32_t dword(const uint8_t *bytes, size_t offset)
{
	return number(bytes + offset, 4);
}

static bool is_zero(const uint8_t *bytes, size_t from, size_t to)
{
	while (from < to)
		if (bytes[from++])
			return false;
	return true;
}

static void wrong_if(bool broken, enum seamldr_reason reason, reasons *set)
{
	if (broken)
		*set |= 1ULL << reason;
}

/* Format 1.0: the header says where the module begins and how long the file is. */
static void format_1(const uint8_t *image, size_t size, struct opinion *o)
{
	uint64_t offset = dword(image, 4);

	wrong_if(memcmp(image + 8, "TDX-BLOB", 8), SEAMLDR_REASON_MAGIC, &o->file);
	wrong_if(offset % ORACLE_PAGE, SEAMLDR_REASON_MODULE_OFFSET, &o->file);
	/* As if the file had been cut short. */
	wrong_if(offset < 2 * ORACLE_PAGE || offset >= size, SEAMLDR_REASON_PAGE_COUNT, &o->file);
	wrong_if(dword(image, 16) != size, SEAMLDR_REASON_LENGTH_FIELD, &o->file);
	wrong_if(!is_zero(image, 20, ORACLE_PAGE), SEAMLDR_REASON_RESERVED, &o->file);

	o->sigstruct_pages = offset / ORACLE_PAGE - 1;
	o->module_pages = (size - offset) / ORACLE_PAGE;
}

/* Format 2.0: the header counts pages. */
static void format_2(const uint8_t *image, size_t size, struct opinion *o)
{
	uint64_t sigstruct_pages = dword(image, 12);
	uint64_t module_pages = dword(image, 16);

	wrong_if(memcmp(image + 4, "TDX-BLOB", 8), SEAMLDR_REASON_MAGIC, &o->file);
	wrong_if((1 + sigstruct_pages + module_pages) * ORACLE_PAGE != size,
		 SEAMLDR_REASON_PAGE_COUNT, &o->file);
	wrong_if(!is_zero(image, 20, ORACLE_PAGE), SEAMLDR_REASON_RESERVED, &o->file);

	o->sigstruct_pages = sigstruct_pages;
	o->module_pages = module_pages;
}

/* A sigstruct that is known to this specification; others are for the P-SEAMLDR. */
static void sigstruct(const uint8_t *s, uint64_t module_size, reasons *set)
{
	const enum seamldr_reason bad = SEAMLDR_REASON_SIGSTRUCT;
	uint32_t gdt_idt = dword(s, 992);
	uint32_t fault_wrapper = dword(s, 996);

	wrong_if(dword(s, 8) < SIGSTRUCT_VERSION, bad, set);
	if (dword(s, 8) != SIGSTRUCT_VERSION)
		return;

	wrong_if(dword(s, 0) != 6, bad, set);
	wrong_if(dword(s, 4) != 0xE1, bad, set);
	wrong_if(dword(s, 12) & 0x7FFFFFFF, bad, set);
	wrong_if(dword(s, 16) != 0x8086, bad, set);
	wrong_if(dword(s, 24) != 0x200, bad, set);
	wrong_if(dword(s, 28) != 0x60, bad, set);
	wrong_if(dword(s, 32) != 0x60, bad, set);
	wrong_if(dword(s, 36) != 1, bad, set);
	wrong_if(!is_zero(s, 40, 128), bad, set);
	wrong_if(dword(s, 512) != 0x10001, bad, set);
	wrong_if(!is_zero(s, 950, 958), bad, set);
	wrong_if(!is_zero(s, 978, 984), bad, set);
	wrong_if(word(s, 986) > word(s, 984), bad, set);
	wrong_if(s[989], bad, set);
	wrong_if(gdt_idt % ORACLE_PAGE, bad, set);
	wrong_if(gdt_idt > module_size - ORACLE_PAGE, bad, set);
	wrong_if(fault_wrapper > module_size - 512, bad, set);
	wrong_if(!gdt_idt != !fault_wrapper, bad, set);
	wrong_if(dword(s, CPUID_TABLE_SIZE) > CPUID_TABLE_MAX, bad, set);
}

void oracle_file(const uint8_t *image, size_t size, struct opinion *o)
{
	*o = (struct opinion) { 0 };

	wrong_if(size % ORACLE_PAGE, SEAMLDR_REASON_FILE_SIZE, &o->file);
	wrong_if(size < MIN_FILE_PAGES * ORACLE_PAGE, SEAMLDR_REASON_FILE_SIZE, &o->file);
	wrong_if(size > MAX_FILE_PAGES * ORACLE_PAGE, SEAMLDR_REASON_FILE_SIZE, &o->file);
	/* Without a header there is nothing to say about what is in it. */
	if (size < ORACLE_PAGE)
		return;

	switch (word(image, 0)) {
	case 0x100:
		format_1(image, size, o);
		break;
	case 0x200:
		format_2(image, size, o);
		break;
	default:
		wrong_if(true, SEAMLDR_REASON_FORMAT_VERSION, &o->file);
		return;
	}

	wrong_if(o->module_pages < 1 || o->module_pages > ORACLE_MAX_PAGES,
		 SEAMLDR_REASON_PAGE_COUNT, &o->file);
	wrong_if(o->sigstruct_pages < 1 || o->sigstruct_pages > MAX_SIGSTRUCT_PAGES,
		 SEAMLDR_REASON_PAGE_COUNT, &o->file);
	if (o->file)
		return;

	o->sigstruct_offset = ORACLE_PAGE;
	o->module_offset = (1 + o->sigstruct_pages) * ORACLE_PAGE;
	sigstruct(image + o->sigstruct_offset, o->module_pages * ORACLE_PAGE, &o->sigstruct);
}

/* A production module must name its CPUs; steppings do not count. */
static bool has_cpus(const uint8_t *s, const struct platform *p)
{
	bool debug = dword(s, 12) >> 31;
	uint32_t entries = dword(s, CPUID_TABLE_SIZE);

	if (!entries)
		return debug;
	for (unsigned int socket = 0; socket < p->nr_sockets; socket++) {
		bool found = false;

		for (uint32_t i = 0; i < entries; i++)
			found |= dword(s, CPUID_TABLE + 4 * i) >> 4 == p->cpuid[socket] >> 4;
		if (!found)
			return false;
	}
	return true;
}

static bool bad_svn(const uint8_t *s, const struct platform *p)
{
	uint8_t minor = s[948];
	uint8_t major = s[949];

	return !major || major != p->svn_major || minor < p->svn_minor;
}

/* Try every version, from the highest on. */
static bool negotiate(const uint8_t *s, const struct platform *p, uint16_t *version)
{
	for (int v = 0xFFFF; v >= 0; v--) {
		bool new_reads = v <= word(s, 984) && v >= word(s, 986);
		bool old_writes = v <= p->module_hv && v >= p->min_update_hv &&
				  (!p->no_downgrade || v == p->module_hv);

		if (p->shutdown)
			old_writes = v == p->written_hv;
		if (new_reads && old_writes) {
			*version = v;
			return true;
		}
	}
	return false;
}

/* Of a later sigstruct nothing is known that could be held against the platform. */
void oracle_platform(const uint8_t *image, const struct platform *p, struct opinion *o)
{
	const uint8_t *s = image + o->sigstruct_offset;

	wrong_if(!p->ready && !p->shutdown, SEAMLDR_REASON_MODULE_STATE, &o->platform);
	wrong_if(p->ready && !p->answers, SEAMLDR_REASON_MODULE_STATE, &o->platform);
	wrong_if(p->ready && p->answers && !p->preserves_tds, SEAMLDR_REASON_MODULE_STATE,
		 &o->platform);
	wrong_if(p->cpu_offline, SEAMLDR_REASON_CPU_OFFLINE, &o->platform);
	wrong_if(p->td_builds, SEAMLDR_REASON_TD_BUILD, &o->platform);
	wrong_if(!p->has_seamldr, SEAMLDR_REASON_NO_SEAMLDR, &o->platform);
	if (p->has_seamldr)
		wrong_if(!p->updates_left, SEAMLDR_REASON_NO_UPDATES_LEFT, &o->platform);

	/* Only SEAMLDR_PARAMS of version 1 takes more pages, and no P-SEAMLDR that. */
	wrong_if(o->sigstruct_pages > 1, SEAMLDR_REASON_SIGSTRUCT_PAGES, &o->platform);
	if (o->sigstruct)
		return;

	if (dword(s, 8) != SIGSTRUCT_VERSION) {
		o->handoff_version = p->shutdown ? p->written_hv : p->module_hv;
		return;
	}
	wrong_if(dword(s, 12) >> 31 && p->has_seamldr && !p->debug_platform,
		 SEAMLDR_REASON_DEBUG_SIGNED, &o->platform);
	wrong_if(!has_cpus(s, p), SEAMLDR_REASON_CPU_TABLE, &o->platform);
	wrong_if(p->has_seamldr && bad_svn(s, p), SEAMLDR_REASON_SVN, &o->platform);
	wrong_if(!negotiate(s, p, &o->handoff_version), SEAMLDR_REASON_HANDOFF_VERSION,
		 &o->platform);
}

static void put_le64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = value >> 8 * i;
}

/* SEAMLDR_PARAMS for an image whose pages follow each other in memory. */
void oracle_params(const struct opinion *o, uint64_t image_pa, uint8_t params[ORACLE_PAGE])
{
	memset(params, 0, ORACLE_PAGE);
	params[0] = o->sigstruct_pages > 1;
	params[4] = 1;
	for (size_t i = 0; i < o->sigstruct_pages; i++)
		put_le64(params + 8 + 8 * i, image_pa + o->sigstruct_offset + i * ORACLE_PAGE);
	put_le64(params + 120, o->module_pages);
	for (size_t i = 0; i < o->module_pages; i++)
		put_le64(params + 128 + 8 * i, image_pa + o->module_offset + i * ORACLE_PAGE);
}
