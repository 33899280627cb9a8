// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any image on any platform: is it taken or refused for a good reason, and is nothing
 * called that has side effects?  An input is a platform (see read_machine()), then an
 * image as in sparse.h.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "seamldr.h"
#include "sparse.h"

enum {
	NO_SEAMLDR	= 1 << 0,
	NO_ANSWER	= 1 << 1,
	NOT_PRESERVING	= 1 << 2,
	CPU_OFFLINE	= 1 << 3,
	DEBUG_PLATFORM	= 1 << 4,
	NO_DOWNGRADE	= 1 << 5,
	UPDATE_COMPAT	= 1 << 6,
	NO_SEAM_INFO	= 1 << 7,
};

#define INFO_ERROR	0x8000000000010003ULL

/* The platform, and what of it only the kernel's own interfaces know */
static struct machine {
	struct platform platform;
	enum tdx_module_status status;
	unsigned int td_builds;
	bool update_compat;
	bool seam_info_valid;
	uint64_t info_status;
	unsigned int cpu;
} machine;

struct cpumask fuzz_online_cpus, fuzz_present_cpus;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What the kernel asks of its surroundings */
enum tdx_module_status tdx_module_status(void)
{
	return machine.status;
}

int tdx_read_handoff(struct tdx_sys_info_handoff *handoff, struct tdx_sys_info_features *features)
{
	const struct platform *p = &machine.platform;

	judge(machine.status == TDX_MODULE_READY, "a module asked that does not run");
	if (!p->answers)
		return -EIO;
	handoff->module_hv = p->module_hv;
	handoff->min_update_hv = p->min_update_hv;
	handoff->no_downgrade = p->no_downgrade;
	features->tdx_features0 = (p->preserves_tds ? TDX_FEATURES0_TD_PRESERVING : 0) |
				  (machine.update_compat ? TDX_FEATURES0_UPDATE_COMPAT : 0);
	return 0;
}

int tdx_nr_td_builds(void)
{
	return machine.td_builds;
}

int smp_call_function_single(int cpu, void (*function)(void *), void *data, int wait)
{
	machine.cpu = cpu;
	function(data);
	return 0;
}

u32 cpuid_eax(u32 leaf)
{
	judge(leaf == 1, "a CPUID leaf that says nothing of the CPU");
	return machine.platform.cpuid[machine.cpu];
}

static void fill_info(struct seamldr_info *info)
{
	const struct platform *p = &machine.platform;

	memset(info, 0xFF, sizeof(*info));
	info->num_remaining_updates = p->updates_left;
	info->seam_debug = p->debug_platform;
	info->seam_info.valid = machine.seam_info_valid;
	if (!machine.seam_info_valid)
		return;
	info->seam_info.tee_tcb_svn[0] = p->svn_minor;
	info->seam_info.tee_tcb_svn[1] = p->svn_major;
}

u64 fuzz_seamcall(u64 fn, struct tdx_module_args *args)
{
	judge(fn == SEAMLDR_INFO, "a call that has side effects");
	judge(args->rcx % SEAMLDR_INFO_SIZE == 0, "SEAMLDR_INFO is not aligned");
	if (!machine.platform.has_seamldr)
		return machine.info_status;
	fill_info((void *)(uintptr_t)args->rcx);
	return TDX_SUCCESS;
}

/* All zeros is a machine on which nothing speaks against an update but its SVN. */
static void read_machine(struct input *input)
{
	static const enum tdx_module_status states[] = {
		TDX_MODULE_READY, TDX_MODULE_SHUTDOWN, TDX_MODULE_LOST, TDX_MODULE_UNINITIALIZED,
	};
	struct platform *p = &machine.platform;
	uint8_t flags = input_u8(input);

	machine.status = states[input_u8(input) % ARRAY_SIZE(states)];
	machine.td_builds = input_u8(input);
	machine.update_compat = flags & UPDATE_COMPAT;
	machine.info_status = flags & DEBUG_PLATFORM ? INFO_ERROR : TDX_SEAMCALL_VMFAILINVALID;
	/* A module that runs is one that the P-SEAMLDR knows. */
	machine.seam_info_valid = machine.status == TDX_MODULE_READY || !(flags & NO_SEAM_INFO);

	*p = (struct platform) {
		.has_seamldr = !(flags & NO_SEAMLDR),
		.debug_platform = flags & DEBUG_PLATFORM,
		.ready = machine.status == TDX_MODULE_READY,
		.shutdown = machine.status == TDX_MODULE_SHUTDOWN,
		.answers = !(flags & NO_ANSWER),
		.preserves_tds = !(flags & NOT_PRESERVING),
		.no_downgrade = flags & NO_DOWNGRADE,
		.cpu_offline = flags & CPU_OFFLINE,
		.td_builds = machine.td_builds,
		.nr_sockets = 1 + input_u8(input) % ORACLE_MAX_SOCKETS,
	};
	p->updates_left = ~input_u32(input);
	p->svn_minor = input_u8(input);
	p->svn_major = input_u8(input);
	p->module_hv = input_u16(input);
	p->min_update_hv = input_u16(input);
	p->written_hv = input_u16(input);
	for (unsigned int i = 0; i < ORACLE_MAX_SOCKETS; i++)
		p->cpuid[i] = input_u32(input);

	/* A CPU a socket, and the one that is offline last */
	fuzz_online_cpus.bits = (1 << p->nr_sockets) - 1;
	fuzz_present_cpus.bits = fuzz_online_cpus.bits;
	if (p->cpu_offline)
		fuzz_present_cpus.bits |= 1 << p->nr_sockets;
}

/* An image that gets as far as to the questions that are asked about the module */
static const uint8_t *plain_image(size_t *size)
{
	static uint8_t image[3 * ORACLE_PAGE];
	struct tdx_blob_v2 *header = (void *)image;
	struct seam_sigstruct *s = (void *)(image + ORACLE_PAGE);

	header->start.version = TDX_BLOB_VERSION_2_0;
	memcpy(header->signature, TDX_BLOB_SIGNATURE, TDX_BLOB_SIGNATURE_SIZE);
	header->sigstruct_nr_pages = 1;
	header->module_nr_pages = 1;
	/* A version that nothing is known of */
	s->header_version = ~0U;
	*size = sizeof(image);
	return image;
}

/*
 * What the kernel remembers of the module is what it saw while that ran: let it see it.
 * It must not remember the SVN of a module that another one has taken the place of.
 */
static void remember_module(void)
{
	struct machine now = machine;
	struct seamldr_verdict verdict;
	struct seamldr_plan plan;
	size_t size;
	const uint8_t *image = plain_image(&size);

	machine.status = TDX_MODULE_READY;
	machine.seam_info_valid = true;
	machine.platform.answers = true;
	machine.platform.preserves_tds = true;
	machine.platform.has_seamldr = true;
	machine.platform.updates_left = 1;
	if (now.seam_info_valid) {
		machine.platform.svn_minor = ~machine.platform.svn_minor;
		machine.platform.svn_major = ~machine.platform.svn_major;
	}
	judge(!seamldr_make_plan(image, size, &plan, &verdict), "the plain image");
	seamldr_record_shutdown(machine.platform.written_hv);
	machine = now;
}

static void preflight(const uint8_t *image, size_t size)
{
	const struct platform *p = &machine.platform;
	struct seamldr_verdict verdict = { 0 };
	struct opinion opinion;
	struct seamldr_plan plan;
	int ret;

	oracle_file(image, size, &opinion);
	if (!opinion.file)
		oracle_platform(image, p, &opinion);

	ret = seamldr_make_plan(image, size, &plan, &verdict);
	if (!ret)
		ret = seamldr_check_moment(&verdict);
	judge_refusal("preflight", ret, &verdict,
		      opinion.file ? opinion.file : opinion.sigstruct | opinion.platform);
	if (ret)
		return;

	judge_view(image, &plan.blob, &opinion);
	judge(plan.need_shutdown == p->ready, "need of a shutdown");
	judge(plan.avoid_compat_sensitive == machine.update_compat, "UPDATE_COMPAT");
	if (p->ready)
		judge(plan.handoff_version == opinion.handoff_version, "handoff version");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t left)
{
	struct input input = { .at = bytes, .left = left };
	uint8_t *image;
	size_t size;

	read_machine(&input);
	remember_module();

	size = sparse_size(&input);
	image = malloc(size);
	sparse_fill(&input, image, size);
	preflight(image, size);
	free(image);
	return 0;
}
