/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SEAM_SIGSTRUCT: what Intel (or a test key) signs about a TDX module.
 * See "SEAM Loader (SEAMLDR) Interface Specification", chapter
 * "SEAM_SIGSTRUCT".
 */
#ifndef TDXMOD_SIGSTRUCT_H
#define TDXMOD_SIGSTRUCT_H

#include <assert.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "version.h"

#define SIGSTRUCT_HEADER_TYPE		6
#define SIGSTRUCT_HEADER_LENGTH		0xE1
#define SIGSTRUCT_HEADER_VERSION	0x10000
#define SIGSTRUCT_MODULE_TYPE_DEBUG	(1U << 31)
#define SIGSTRUCT_VENDOR_INTEL		0x8086
/* These sizes count 4-byte words. */
#define SIGSTRUCT_SIZE_DWORDS		0x200
#define SIGSTRUCT_KEY_DWORDS		0x60
#define SIGSTRUCT_EXPONENT_DWORDS	1
#define SIGSTRUCT_EXPONENT		0x10001

#define SIGSTRUCT_KEY_SIZE		384
#define SIGSTRUCT_HASH_SIZE		48
#define SIGSTRUCT_CPUS_MAX		255
#define SIGSTRUCT_CPU_STEPPING		0xFU

#define SIGSTRUCT_SVN_MINOR		0x00FFU
#define SIGSTRUCT_SVN_MAJOR_SHIFT	8

/* Room that the module must leave behind the two offsets it may name. */
#define SIGSTRUCT_GDT_IDT_SIZE		4096U
#define SIGSTRUCT_FAULT_WRAPPER_SIZE	512U

struct seam_sigstruct {
	__le32 header_type;
	__le32 header_length;
	__le32 header_version;
	__le32 module_type;
	__le32 module_vendor;
	__le32 date;
	__le32 size;
	__le32 key_size;
	__le32 modulus_size;
	__le32 exponent_size;
	__u8 reserved0[88];

	/* Not covered by the signature. */
	__u8 modulus[SIGSTRUCT_KEY_SIZE];
	__le32 exponent;
	__u8 signature[SIGSTRUCT_KEY_SIZE];

	__u8 seamhash[SIGSTRUCT_HASH_SIZE];
	__le16 seamsvn;
	__le64 attributes;
	__le32 rip_offset;
	__u8 num_stack_pages;
	__u8 num_tls_pages;
	__le16 num_keyhole_pages;
	__le16 num_global_data_pages;
	__le16 max_tdmrs;
	__le16 max_rsvd_per_tdmr;
	__le16 pamt_entry_size_4k;
	__le16 pamt_entry_size_2m;
	__le16 pamt_entry_size_1g;
	__u8 reserved1[6];
	__le16 module_hv;
	__le16 min_update_hv;
	__u8 no_downgrade;
	__u8 reserved2;
	__le16 num_handoff_pages;
	__le32 gdt_idt_offset;
	__le32 fault_wrapper_offset;
	/* Modules before 2.0 leave the four version fields zero. */
	__le16 update_version;
	__u8 minor_version;
	__u8 major_version;
	__le16 build;
	__u8 reserved3[18];
	__le32 cpuid_table_size;
	__le32 cpuid_table[SIGSTRUCT_CPUS_MAX];
} __attribute__((packed));

static_assert(offsetof(struct seam_sigstruct, header_length) == 4, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, header_version) == 8, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, module_type) == 12, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, module_vendor) == 16, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, date) == 20, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, size) == 24, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, key_size) == 28, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, modulus_size) == 32, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, exponent_size) == 36, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, reserved0) == 40, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, modulus) == 128, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, exponent) == 512, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, signature) == 516, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, seamhash) == 900, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, seamsvn) == 948, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, attributes) == 950, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, rip_offset) == 958, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, num_stack_pages) == 962, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, num_tls_pages) == 963, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, num_keyhole_pages) == 964, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, num_global_data_pages) == 966, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, max_tdmrs) == 968, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, max_rsvd_per_tdmr) == 970, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, pamt_entry_size_4k) == 972, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, pamt_entry_size_2m) == 974, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, pamt_entry_size_1g) == 976, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, reserved1) == 978, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, module_hv) == 984, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, min_update_hv) == 986, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, no_downgrade) == 988, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, reserved2) == 989, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, num_handoff_pages) == 990, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, gdt_idt_offset) == 992, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, fault_wrapper_offset) == 996, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, update_version) == 1000, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, minor_version) == 1002, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, major_version) == 1003, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, build) == 1004, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, reserved3) == 1006, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, cpuid_table_size) == 1024, "sigstruct");
static_assert(offsetof(struct seam_sigstruct, cpuid_table) == 1028, "sigstruct");
static_assert(sizeof(struct seam_sigstruct) == 2048, "sigstruct");

/* The signature covers [0, SIGNED_HEAD_SIZE) and [SIGNED_BODY_OFFSET, end). */
#define SIGSTRUCT_SIGNED_HEAD_SIZE	offsetof(struct seam_sigstruct, modulus)
#define SIGSTRUCT_SIGNED_BODY_OFFSET	offsetof(struct seam_sigstruct, seamhash)
#define SIGSTRUCT_SIGNED_BODY_SIZE	\
	(sizeof(struct seam_sigstruct) - SIGSTRUCT_SIGNED_BODY_OFFSET)

enum sigstruct_field_kind {
	SIGSTRUCT_NUMBER,
	SIGSTRUCT_BYTES,
	SIGSTRUCT_RESERVED,
};

struct sigstruct_field {
	const char *name;
	uint16_t offset;
	uint16_t size;
	enum sigstruct_field_kind kind;
};

/* All fields but the CPU table, in order; the last has no name. */
extern const struct sigstruct_field sigstruct_fields[];

uint64_t sigstruct_get(const struct seam_sigstruct *sigstruct,
		       const struct sigstruct_field *field);
const char *sigstruct_set(struct seam_sigstruct *sigstruct, const char *assignment);

bool sigstruct_known(const struct seam_sigstruct *sigstruct);
bool sigstruct_known_layout(const struct seam_sigstruct *sigstruct);
bool sigstruct_debug(const struct seam_sigstruct *sigstruct);
bool sigstruct_version(const struct seam_sigstruct *sigstruct, struct version *version);
unsigned int sigstruct_nr_cpus(const struct seam_sigstruct *sigstruct);
bool sigstruct_has_cpu(const struct seam_sigstruct *sigstruct, uint32_t signature);
unsigned int sigstruct_svn_major(const struct seam_sigstruct *sigstruct);
unsigned int sigstruct_svn_minor(const struct seam_sigstruct *sigstruct);
void sigstruct_check(const struct seam_sigstruct *sigstruct, size_t module_size,
		     struct findings *findings);

#endif
