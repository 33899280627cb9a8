// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading, writing and judging the fields of a SEAM_SIGSTRUCT.  The checks are
 * those that need nothing but the sigstruct and the module's size; hash and
 * signature are in crypto.c, the host's opinion in preflight.c.
 */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sigstruct.h"

#define FIELD(_name, _kind)						\
	{								\
		.name = #_name,						\
		.offset = offsetof(struct seam_sigstruct, _name),	\
		.size = sizeof(((struct seam_sigstruct *)0)->_name),	\
		.kind = SIGSTRUCT_ ## _kind,				\
	}

const struct sigstruct_field sigstruct_fields[] = {
	FIELD(header_type, NUMBER),
	FIELD(header_length, NUMBER),
	FIELD(header_version, NUMBER),
	FIELD(module_type, NUMBER),
	FIELD(module_vendor, NUMBER),
	FIELD(date, NUMBER),
	FIELD(size, NUMBER),
	FIELD(key_size, NUMBER),
	FIELD(modulus_size, NUMBER),
	FIELD(exponent_size, NUMBER),
	FIELD(reserved0, RESERVED),
	FIELD(modulus, BYTES),
	FIELD(exponent, NUMBER),
	FIELD(signature, BYTES),
	FIELD(seamhash, BYTES),
	FIELD(seamsvn, NUMBER),
	FIELD(attributes, NUMBER),
	FIELD(rip_offset, NUMBER),
	FIELD(num_stack_pages, NUMBER),
	FIELD(num_tls_pages, NUMBER),
	FIELD(num_keyhole_pages, NUMBER),
	FIELD(num_global_data_pages, NUMBER),
	FIELD(max_tdmrs, NUMBER),
	FIELD(max_rsvd_per_tdmr, NUMBER),
	FIELD(pamt_entry_size_4k, NUMBER),
	FIELD(pamt_entry_size_2m, NUMBER),
	FIELD(pamt_entry_size_1g, NUMBER),
	FIELD(reserved1, RESERVED),
	FIELD(module_hv, NUMBER),
	FIELD(min_update_hv, NUMBER),
	FIELD(no_downgrade, NUMBER),
	FIELD(reserved2, RESERVED),
	FIELD(num_handoff_pages, NUMBER),
	FIELD(gdt_idt_offset, NUMBER),
	FIELD(fault_wrapper_offset, NUMBER),
	FIELD(update_version, NUMBER),
	FIELD(minor_version, NUMBER),
	FIELD(major_version, NUMBER),
	FIELD(build, NUMBER),
	FIELD(reserved3, RESERVED),
	FIELD(cpuid_table_size, NUMBER),
	{ }
};

uint64_t sigstruct_get(const struct seam_sigstruct *sigstruct,
		       const struct sigstruct_field *field)
{
	const uint8_t *byte = (const uint8_t *)sigstruct + field->offset;
	uint64_t value = 0;
	unsigned int i;

	for (i = field->size; i-- > 0; )
		value = value << 8 | byte[i];
	return value;
}

static void put_number(uint8_t *byte, unsigned int size, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < size; i++, value >>= 8)
		byte[i] = value;
}

static const char *set_number(uint8_t *byte, unsigned int size, const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || !isdigit((unsigned char)*text))
		return "not a number";
	if (size < sizeof(value) && value >> (8 * size))
		return "number too large for the field";

	put_number(byte, size, value);
	return NULL;
}

static const char *set_bytes(uint8_t *byte, unsigned int size, const char *text)
{
	char digits[3] = "";
	unsigned int i;

	if (strlen(text) != 2 * size || strspn(text, "0123456789abcdefABCDEF") != 2 * size)
		return "not as many hexadecimal bytes as the field has";

	for (i = 0; i < size; i++) {
		memcpy(digits, text + 2 * i, 2);
		byte[i] = strtoul(digits, NULL, 16);
	}
	return NULL;
}

/**
 * sigstruct_set() - Carry out an assignment FIELD=VALUE
 * @sigstruct: changed
 * @assignment: number fields take a C number, the others all their bytes in
 *		hexadecimal
 *
 * Return: NULL, or what is wrong with the assignment.
 */
const char *sigstruct_set(struct seam_sigstruct *sigstruct, const char *assignment)
{
	size_t length = strcspn(assignment, "=");
	const struct sigstruct_field *field;
	uint8_t *byte;

	if (!assignment[length])
		return "no '=' in it";

	for (field = sigstruct_fields; field->name; field++) {
		if (strlen(field->name) != length || strncmp(field->name, assignment, length))
			continue;

		byte = (uint8_t *)sigstruct + field->offset;
		if (field->kind == SIGSTRUCT_NUMBER)
			return set_number(byte, field->size, assignment + length + 1);
		return set_bytes(byte, field->size, assignment + length + 1);
	}
	return "no such field";
}

/* Fields of other versions may mean something else: they are not looked at. */
bool sigstruct_known(const struct seam_sigstruct *sigstruct)
{
	return le32toh(sigstruct->header_version) == SIGSTRUCT_HEADER_VERSION;
}

/* One of another version may have hash and signature where they are today. */
bool sigstruct_known_layout(const struct seam_sigstruct *sigstruct)
{
	return sigstruct_known(sigstruct) ||
	       (le32toh(sigstruct->header_length) == SIGSTRUCT_HEADER_LENGTH &&
		le32toh(sigstruct->size) == SIGSTRUCT_SIZE_DWORDS);
}

bool sigstruct_debug(const struct seam_sigstruct *sigstruct)
{
	return le32toh(sigstruct->module_type) & SIGSTRUCT_MODULE_TYPE_DEBUG;
}

/* False if the image carries no version. */
bool sigstruct_version(const struct seam_sigstruct *sigstruct, struct version *version)
{
	*version = (struct version){
		.major = sigstruct->major_version,
		.minor = sigstruct->minor_version,
		.update = le16toh(sigstruct->update_version),
	};
	return version->major;
}

/* As many as can be read, whatever the sigstruct claims. */
unsigned int sigstruct_nr_cpus(const struct seam_sigstruct *sigstruct)
{
	uint32_t claimed = le32toh(sigstruct->cpuid_table_size);

	return claimed < SIGSTRUCT_CPUS_MAX ? claimed : SIGSTRUCT_CPUS_MAX;
}

bool sigstruct_has_cpu(const struct seam_sigstruct *sigstruct, uint32_t signature)
{
	unsigned int i;

	for (i = 0; i < sigstruct_nr_cpus(sigstruct); i++) {
		if (!((le32toh(sigstruct->cpuid_table[i]) ^ signature) &
		      ~SIGSTRUCT_CPU_STEPPING))
			return true;
	}
	return false;
}

unsigned int sigstruct_svn_major(const struct seam_sigstruct *sigstruct)
{
	return le16toh(sigstruct->seamsvn) >> SIGSTRUCT_SVN_MAJOR_SHIFT;
}

unsigned int sigstruct_svn_minor(const struct seam_sigstruct *sigstruct)
{
	return le16toh(sigstruct->seamsvn) & SIGSTRUCT_SVN_MINOR;
}

static void expect(struct findings *findings, const char *field, uint64_t found,
		   uint64_t wanted)
{
	if (found != wanted)
		findings_add(findings, OUTCOME_FAIL, "sigstruct", "%s is %#llx, not %#llx", field,
			     (unsigned long long)found, (unsigned long long)wanted);
}

static void check_constants(const struct seam_sigstruct *sigstruct, struct findings *findings)
{
	expect(findings, "header_type", le32toh(sigstruct->header_type), SIGSTRUCT_HEADER_TYPE);
	expect(findings, "header_length", le32toh(sigstruct->header_length),
	       SIGSTRUCT_HEADER_LENGTH);
	expect(findings, "module_type", le32toh(sigstruct->module_type) &
	       ~SIGSTRUCT_MODULE_TYPE_DEBUG, 0);
	expect(findings, "module_vendor", le32toh(sigstruct->module_vendor),
	       SIGSTRUCT_VENDOR_INTEL);
	expect(findings, "size", le32toh(sigstruct->size), SIGSTRUCT_SIZE_DWORDS);
	expect(findings, "key_size", le32toh(sigstruct->key_size), SIGSTRUCT_KEY_DWORDS);
	expect(findings, "modulus_size", le32toh(sigstruct->modulus_size), SIGSTRUCT_KEY_DWORDS);
	expect(findings, "exponent_size", le32toh(sigstruct->exponent_size),
	       SIGSTRUCT_EXPONENT_DWORDS);
	expect(findings, "exponent", le32toh(sigstruct->exponent), SIGSTRUCT_EXPONENT);
	expect(findings, "attributes", le64toh(sigstruct->attributes), 0);
}

static void check_reserved(const struct seam_sigstruct *sigstruct, struct findings *findings)
{
	const struct sigstruct_field *field;
	const uint8_t *byte;
	unsigned int i;

	for (field = sigstruct_fields; field->name; field++) {
		/* The version and what follows it grew out of reserved bytes. */
		if (field->kind != SIGSTRUCT_RESERVED ||
		    field->offset > offsetof(struct seam_sigstruct, update_version))
			continue;

		byte = (const uint8_t *)sigstruct + field->offset;
		for (i = 0; i < field->size && !byte[i]; i++)
			;
		if (i < field->size)
			findings_add(findings, OUTCOME_FAIL, "sigstruct",
				     "reserved byte %u is %#x, not 0", field->offset + i, byte[i]);
	}
}

static void check_handoff(const struct seam_sigstruct *sigstruct, struct findings *findings)
{
	unsigned int highest = le16toh(sigstruct->module_hv);
	unsigned int lowest = le16toh(sigstruct->min_update_hv);

	if (lowest > highest)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "min_update_hv %u is higher than module_hv %u", lowest, highest);
}

static void check_offsets(const struct seam_sigstruct *sigstruct, size_t module_size,
			  struct findings *findings)
{
	uint32_t gdt_idt = le32toh(sigstruct->gdt_idt_offset);
	uint32_t wrapper = le32toh(sigstruct->fault_wrapper_offset);

	if (!gdt_idt != !wrapper)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "only one of gdt_idt_offset %#x and fault_wrapper_offset %#x is set",
			     gdt_idt, wrapper);
	if (gdt_idt % SIGSTRUCT_GDT_IDT_SIZE)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "gdt_idt_offset %#x is not on a page", gdt_idt);
	if (gdt_idt > module_size - SIGSTRUCT_GDT_IDT_SIZE)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "gdt_idt_offset %#x lies outside the module of %#zx bytes", gdt_idt,
			     module_size);
	if (wrapper > module_size - SIGSTRUCT_FAULT_WRAPPER_SIZE)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "fault_wrapper_offset %#x lies outside the module of %#zx bytes",
			     wrapper, module_size);
}

static void check_cpus(const struct seam_sigstruct *sigstruct, struct findings *findings)
{
	uint32_t claimed = le32toh(sigstruct->cpuid_table_size);

	if (claimed > SIGSTRUCT_CPUS_MAX)
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "cpuid_table_size %u is more than %u", claimed, SIGSTRUCT_CPUS_MAX);
	else if (!claimed && !sigstruct_debug(sigstruct))
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "a production module's CPU table is empty");
}

/**
 * sigstruct_check() - Compare the fields with what the specification allows
 * @sigstruct: of any version
 * @module_size: at least one page
 * @findings: one entry per contradiction, or one that says there is none
 */
void sigstruct_check(const struct seam_sigstruct *sigstruct, size_t module_size,
		     struct findings *findings)
{
	size_t before = findings->count;

	if (le32toh(sigstruct->header_version) < SIGSTRUCT_HEADER_VERSION) {
		findings_add(findings, OUTCOME_FAIL, "sigstruct",
			     "header_version is %#x, the first was %#x",
			     le32toh(sigstruct->header_version), SIGSTRUCT_HEADER_VERSION);
		return;
	}
	if (!sigstruct_known(sigstruct)) {
		findings_add(findings, OUTCOME_UNKNOWN, "sigstruct",
			     "header_version %#x is not known here, so no field was checked",
			     le32toh(sigstruct->header_version));
		return;
	}

	check_constants(sigstruct, findings);
	check_reserved(sigstruct, findings);
	check_handoff(sigstruct, findings);
	check_offsets(sigstruct, module_size, findings);
	check_cpus(sigstruct, findings);
	if (!sigstruct_svn_major(sigstruct))
		findings_add(findings, OUTCOME_FAIL, "sigstruct", "major SVN is 0");

	if (findings->count == before)
		findings_add(findings, OUTCOME_OK, "sigstruct", "fields are consistent");
}
