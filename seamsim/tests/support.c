// SPDX-License-Identifier: GPL-2.0-only
/* What the unit tests share: see support.h. */
#include "support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../options.h"
#include "../platform.h"

#define CR4_VMXE		BIT_ULL(13)
#define MSR_IA32_VMX_BASIC	0x480
#define VMX_REVISION_MASK	GENMASK_ULL(30, 0)

static bool ram_has(u64 pa, size_t size)
{
	return size <= TEST_RAM_SIZE && pa <= TEST_RAM_SIZE - size;
}

static bool ram_read(void *context, u64 pa, void *to, size_t size)
{
	struct machine *machine = context;

	if (!ram_has(pa, size))
		return false;
	memcpy(to, machine->ram + pa, size);
	return true;
}

static bool ram_write(void *context, u64 pa, const void *from, size_t size)
{
	struct machine *machine = context;

	if (!ram_has(pa, size))
		return false;
	memcpy(machine->ram + pa, from, size);
	return true;
}

struct machine *machine_new(unsigned int nr_vcpus)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	struct sim_memory memory = {
		.read = ram_read,
		.write = ram_write,
		.context = machine,
	};
	char option[sizeof("signer=") + 2 * SHA384_SIZE];
	u64 basic;

	assert_non_null(machine);
	/* Not from the heap: most of it is never touched. */
	machine->ram = mmap(NULL, TEST_RAM_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(MAP_FAILED, machine->ram);
	machine->sim = sim_new(nr_vcpus, &memory);
	assert_non_null(machine->sim);

	assert_true(platform_rdmsr(machine->sim, MSR_IA32_VMX_BASIC, &basic));
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		u64 pa = TEST_VMXON_PA + i * PAGE_SIZE;
		struct vmx_insn vmxon = { .op = VMX_VMXON, .operand = pa };

		*(u32 *)machine_ram(machine, pa) = basic & VMX_REVISION_MASK;
		platform_write_cr4(machine->sim, i, CR4_VMXE);
		assert_int_equal(VMX_SUCCEED, vmx_execute(machine->sim, i, &vmxon));
	}

	snprintf(option, sizeof(option), "signer=%s", image_signer());
	machine_option(machine, option);
	return machine;
}

void machine_free(struct machine *machine)
{
	sim_free(machine->sim);
	munmap(machine->ram, TEST_RAM_SIZE);
	free(machine);
}

void machine_option(struct machine *machine, const char *text)
{
	char reason[256] = "";

	if (sim_option(machine->sim, text, reason, sizeof(reason)))
		fail_msg("%s", reason);
}

void *machine_ram(struct machine *machine, u64 pa)
{
	return machine->ram + pa;
}

u64 call_regs(struct machine *machine, unsigned int vcpu, u64 leaf, struct sim_regs *regs)
{
	regs->rax = leaf;
	assert_int_equal(SEAMCALL_DONE, seamcall(machine->sim, vcpu, regs));
	return regs->rax;
}

u64 call(struct machine *machine, unsigned int vcpu, u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct sim_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8 };

	return call_regs(machine, vcpu, leaf, &regs);
}

enum seamcall_result try_call(struct machine *machine, unsigned int vcpu, u64 leaf, u64 rcx)
{
	struct sim_regs regs = { .rax = leaf, .rcx = rcx };

	return seamcall(machine->sim, vcpu, &regs);
}

void machine_boot(struct machine *machine)
{
	u64 *list = machine_ram(machine, TEST_TDMR_LIST_PA);
	u64 *info = machine_ram(machine, TEST_TDMR_INFO_PA);
	struct sim *sim = machine->sim;

	/* The first two members: base and size. */
	list[0] = TEST_TDMR_INFO_PA;
	info[0] = 0;
	info[1] = TEST_TDMR_SIZE;

	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	for (unsigned int i = 0; i < sim->nr_vcpus; i++)
		assert_int_equal(TDX_SUCCESS, call(machine, i, TDH_SYS_LP_INIT, 0, 0, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_CONFIG, TEST_TDMR_LIST_PA, 1,
					   TEST_TDX_KEYID));
	for (unsigned int i = 0; i < sim->config.nr_packages; i++)
		assert_int_equal(TDX_SUCCESS,
				 call(machine, i * sim->nr_vcpus / sim->config.nr_packages,
				      TDH_SYS_KEY_CONFIG, 0, 0, 0));
	assert_int_equal(MODULE_READY, sim->module.state);
}

/* One for the whole program: making it is slow. */
static EVP_PKEY *test_key(void)
{
	static EVP_PKEY *key;

	if (!key)
		key = EVP_RSA_gen(SIGSTRUCT_KEY_SIZE * 8);
	assert_non_null(key);
	return key;
}

static void store_modulus(u8 modulus[SIGSTRUCT_KEY_SIZE])
{
	BIGNUM *n = NULL;

	assert_true(EVP_PKEY_get_bn_param(test_key(), OSSL_PKEY_PARAM_RSA_N, &n));
	assert_int_equal(SIGSTRUCT_KEY_SIZE, BN_bn2lebinpad(n, modulus, SIGSTRUCT_KEY_SIZE));
	BN_free(n);
}

const char *image_signer(void)
{
	static char text[2 * SHA384_SIZE + 1];
	u8 modulus[SIGSTRUCT_KEY_SIZE], hash[SHA384_SIZE];

	if (text[0])
		return text;
	store_modulus(modulus);
	assert_true(EVP_Digest(modulus, sizeof(modulus), hash, NULL, EVP_sha384(), NULL));
	for (size_t i = 0; i < sizeof(hash); i++)
		sprintf(text + 2 * i, "%02x", hash[i]);
	return text;
}

void image_hash(struct image *image)
{
	assert_true(EVP_Digest(image->pages, image->nr_pages * PAGE_SIZE, image->sig.seamhash,
			       NULL, EVP_sha384(), NULL));
}

void image_sign(struct image *image)
{
	size_t head = offsetof(struct seam_sigstruct, modulus);
	size_t body = offsetof(struct seam_sigstruct, seamhash);
	u8 *sig = (u8 *)&image->sig, signature[SIGSTRUCT_KEY_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = sizeof(signature);

	assert_true(EVP_DigestSignInit(context, NULL, EVP_sha384(), NULL, test_key()) == 1 &&
		    EVP_DigestSignUpdate(context, sig, head) == 1 &&
		    EVP_DigestSignUpdate(context, sig + body, sizeof(image->sig) - body) == 1 &&
		    EVP_DigestSignFinal(context, signature, &size) == 1);
	EVP_MD_CTX_free(context);
	for (size_t i = 0; i < size; i++)
		image->sig.signature[i] = signature[size - 1 - i];
}

struct image *image_new(unsigned int nr_pages)
{
	struct image *image = calloc(1, sizeof(*image));

	assert_non_null(image);
	image->nr_pages = nr_pages;
	for (unsigned int i = 0; i < nr_pages; i++)
		memset(image->pages[i], i + 1, PAGE_SIZE);

	image->sig = (struct seam_sigstruct){
		.header_type = SIGSTRUCT_HEADER_TYPE,
		.header_length = SIGSTRUCT_HEADER_LENGTH,
		.header_version = SIGSTRUCT_HEADER_VERSION,
		.module_vendor = SEAM_VENDOR_INTEL,
		.size = SIGSTRUCT_SIZE_DWORDS,
		.key_size = SIGSTRUCT_KEY_DWORDS,
		.modulus_size = SIGSTRUCT_KEY_DWORDS,
		.exponent_size = SIGSTRUCT_EXPONENT_DWORDS,
		.exponent = SIGSTRUCT_EXPONENT,
		.seamsvn = 0x0105,
		.major_version = 1,
		.minor_version = 5,
		.update_version = 8,
		.cpuid_table_size = 1,
		.cpuid_table = { 0x806f8 },
	};
	store_modulus(image->sig.modulus);
	image_hash(image);
	image_sign(image);
	return image;
}

void image_free(struct image *image)
{
	free(image);
}

struct seamldr_params *image_load(struct machine *machine, const struct image *image)
{
	struct seamldr_params *params = machine_ram(machine, TEST_PARAMS_PA);

	*params = (struct seamldr_params){
		.version = SEAMLDR_PARAMS_VERSION,
		.scenario = SEAMLDR_SCENARIO_UPDATE,
		.sigstruct_pa = { TEST_SIGSTRUCT_PA },
		.num_module_pages = image->nr_pages,
	};
	memcpy(machine_ram(machine, TEST_SIGSTRUCT_PA), &image->sig, sizeof(image->sig));

	/* Backwards, so that only who follows the list gets the order right. */
	for (unsigned int i = 0; i < image->nr_pages; i++) {
		u64 pa = TEST_IMAGE_PA + (image->nr_pages - 1 - i) * PAGE_SIZE;

		params->mod_pages_pa_list[i] = pa;
		memcpy(machine_ram(machine, pa), image->pages[i], PAGE_SIZE);
	}
	return params;
}

u64 install(struct machine *machine, u64 *rdx)
{
	u64 status = SEAMLDR_SUCCESS;

	for (unsigned int i = 0; i < machine->sim->nr_vcpus; i++) {
		struct sim_regs regs = { .rcx = TEST_PARAMS_PA };

		status = call_regs(machine, i, SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL, &regs);
		if (rdx)
			*rdx = regs.rdx;
		if (i + 1 < machine->sim->nr_vcpus)
			assert_int_equal(SEAMLDR_SUCCESS, status);
	}
	return status;
}

void update(struct machine *machine, const struct image *image)
{
	u64 version = machine->sim->module.id.module_hv;

	image_load(machine, image);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, version, 0, 0));
	assert_int_equal(SEAMLDR_SUCCESS, install(machine, NULL));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	for (unsigned int i = 0; i < machine->sim->nr_vcpus; i++)
		assert_int_equal(TDX_SUCCESS, call(machine, i, TDH_SYS_LP_INIT, 0, 0, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0));
	assert_int_equal(MODULE_READY, machine->sim->module.state);
}
