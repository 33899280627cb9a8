// SPDX-License-Identifier: GPL-2.0-only
/* MSRs, CPUID, CR4.VMXE: see platform.h. */
#include "platform.h"

#include "seamsim.h"

#define MSR_IA32_FEAT_CTL		0x3A
#define FEAT_CTL_LOCKED			BIT_ULL(0)
#define FEAT_CTL_VMX_OUTSIDE_SMX	BIT_ULL(2)

#define MSR_IA32_MKTME_KEYID_PARTITIONING 0x87
#define KEYID_PARTITIONING_TDX_SHIFT	32

/* "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 3, appendix A. */
#define MSR_IA32_VMX_BASIC		0x480
#define VMX_BASIC_REVISION		0x12
#define VMX_BASIC_VMCS_SIZE_SHIFT	32
#define VMX_BASIC_MEM_TYPE_WB		(6ULL << 50)
#define VMX_BASIC_INOUT			BIT_ULL(54)
#define VMX_BASIC_TRUE_CTLS		BIT_ULL(55)
/* Absent on processors whose SEAMRET clears the current-VMCS pointer. */
#define VMX_BASIC_NO_SEAMRET_INVD_VMCS	BIT_ULL(60)

/* Control MSRs: low half what must be set, high half what may be set. */
#define MSR_IA32_VMX_PINBASED_CTLS	0x481
#define MSR_IA32_VMX_PROCBASED_CTLS	0x482
#define MSR_IA32_VMX_EXIT_CTLS		0x483
#define MSR_IA32_VMX_ENTRY_CTLS		0x484
#define MSR_IA32_VMX_PROCBASED_CTLS2	0x48B
#define VMX_CTLS_ANY			GENMASK_ULL(63, 32)
/* No more than the defined ones: Linux warns of others. */
#define VMX_PINBASED_ANY		GENMASK_ULL(39, 32)

#define MSR_IA32_VMX_CR0_FIXED0		0x486
#define VMX_CR0_FIXED0			0x80000021ULL
#define MSR_IA32_VMX_CR0_FIXED1		0x487
#define MSR_IA32_VMX_CR4_FIXED0		0x488
#define MSR_IA32_VMX_CR4_FIXED1		0x489
#define VMX_CR_FIXED1			GENMASK_ULL(31, 0)

#define MSR_IA32_VMX_EPT_VPID_CAP	0x48C
#define VMX_EPT_EXECUTE_ONLY		BIT_ULL(0)
#define VMX_EPT_4_LEVELS		BIT_ULL(6)
#define VMX_EPT_5_LEVELS		BIT_ULL(7)
#define VMX_EPT_WRITE_BACK		BIT_ULL(14)
#define VMX_EPT_2M_PAGES		BIT_ULL(16)
#define VMX_EPT_1G_PAGES		BIT_ULL(17)
#define VMX_EPT_INVEPT			BIT_ULL(20)
#define VMX_EPT_ACCESSED_DIRTY		BIT_ULL(21)
#define VMX_EPT_INVEPT_SINGLE		BIT_ULL(25)
#define VMX_EPT_INVEPT_ALL		BIT_ULL(26)
#define VMX_VPID_INVVPID		BIT_ULL(32)
#define VMX_VPID_INVVPID_TYPES		GENMASK_ULL(43, 40)

/* The other VMX capability MSRs read as 0. */
#define MSR_VMX_FIRST			0x480
#define MSR_VMX_LAST			0x492

#define CPUID_LEAF_SIGNATURE		1
#define CPUID_1_ECX_VMX			BIT_ULL(5)
#define CPUID_1_EDX_SELFSNOOP		BIT_ULL(27)
#define CPUID_LEAF_FEATURES		7
#define CPUID_7_ECX_MOVDIR64B		BIT_ULL(28)

#define CR4_VMXE			BIT_ULL(13)

static u64 vmx_basic(const struct sim *sim)
{
	u64 value = VMX_BASIC_REVISION | (u64)PAGE_SIZE << VMX_BASIC_VMCS_SIZE_SHIFT |
		    VMX_BASIC_MEM_TYPE_WB | VMX_BASIC_INOUT | VMX_BASIC_TRUE_CTLS;

	if (!sim->config.erratum)
		value |= VMX_BASIC_NO_SEAMRET_INVD_VMCS;
	return value;
}

static u64 ept_vpid_cap(void)
{
	return VMX_EPT_EXECUTE_ONLY | VMX_EPT_4_LEVELS | VMX_EPT_5_LEVELS | VMX_EPT_WRITE_BACK |
	       VMX_EPT_2M_PAGES | VMX_EPT_1G_PAGES | VMX_EPT_INVEPT | VMX_EPT_ACCESSED_DIRTY |
	       VMX_EPT_INVEPT_SINGLE | VMX_EPT_INVEPT_ALL | VMX_VPID_INVVPID |
	       VMX_VPID_INVVPID_TYPES;
}

bool platform_rdmsr(const struct sim *sim, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_IA32_FEAT_CTL:
		*value = FEAT_CTL_LOCKED | FEAT_CTL_VMX_OUTSIDE_SMX;
		return true;
	case MSR_IA32_MKTME_KEYID_PARTITIONING:
		*value = (u64)PLATFORM_NR_TDX_KEYIDS << KEYID_PARTITIONING_TDX_SHIFT |
			 PLATFORM_NR_MKTME_KEYIDS;
		return true;
	case MSR_IA32_VMX_BASIC:
		*value = vmx_basic(sim);
		return true;
	case MSR_IA32_VMX_PINBASED_CTLS:
		*value = VMX_PINBASED_ANY;
		return true;
	case MSR_IA32_VMX_PROCBASED_CTLS:
	case MSR_IA32_VMX_PROCBASED_CTLS2:
	case MSR_IA32_VMX_EXIT_CTLS:
	case MSR_IA32_VMX_ENTRY_CTLS:
		*value = VMX_CTLS_ANY;
		return true;
	case MSR_IA32_VMX_CR0_FIXED0:
		*value = VMX_CR0_FIXED0;
		return true;
	case MSR_IA32_VMX_CR4_FIXED0:
		*value = CR4_VMXE;
		return true;
	case MSR_IA32_VMX_CR0_FIXED1:
	case MSR_IA32_VMX_CR4_FIXED1:
		*value = VMX_CR_FIXED1;
		return true;
	case MSR_IA32_VMX_EPT_VPID_CAP:
		*value = ept_vpid_cap();
		return true;
	default:
		*value = 0;
		return msr >= MSR_VMX_FIRST && msr <= MSR_VMX_LAST;
	}
}

bool platform_execute_rdmsr(struct sim *sim, u32 msr, u64 *value)
{
	bool ours;

	pthread_mutex_lock(&sim->lock);
	ours = platform_rdmsr(sim, msr, value);
	pthread_mutex_unlock(&sim->lock);
	return ours;
}

u32 platform_cpuid_signature(const struct sim *sim, unsigned int vcpu)
{
	const struct sim_config *config = &sim->config;

	/* A list that is too short repeats its last member. */
	return config->cpuid[vcpu < config->nr_cpuid ? vcpu : config->nr_cpuid - 1];
}

bool platform_patch_cpuid(struct sim *sim, unsigned int vcpu, u32 leaf, u32 subleaf,
			  struct sim_regs *regs)
{
	if (leaf == CPUID_LEAF_SIGNATURE) {
		pthread_mutex_lock(&sim->lock);
		regs->rax = platform_cpuid_signature(sim, vcpu);
		pthread_mutex_unlock(&sim->lock);
		regs->rcx |= CPUID_1_ECX_VMX;
		regs->rdx |= CPUID_1_EDX_SELFSNOOP;
		return true;
	}
	if (leaf == CPUID_LEAF_FEATURES && !subleaf) {
		regs->rcx |= CPUID_7_ECX_MOVDIR64B;
		return true;
	}
	return false;
}

u64 platform_write_cr4(struct sim *sim, unsigned int vcpu, u64 cr4)
{
	pthread_mutex_lock(&sim->lock);
	sim->vcpu[vcpu].cr4_vmxe = cr4 & CR4_VMXE;
	pthread_mutex_unlock(&sim->lock);
	return cr4 & ~CR4_VMXE;
}

u64 platform_read_cr4(struct sim *sim, unsigned int vcpu, u64 cr4)
{
	bool vmxe;

	pthread_mutex_lock(&sim->lock);
	vmxe = sim->vcpu[vcpu].cr4_vmxe;
	pthread_mutex_unlock(&sim->lock);
	return vmxe ? cr4 | CR4_VMXE : cr4;
}

unsigned int platform_package(const struct sim *sim, unsigned int vcpu)
{
	return vcpu * sim->config.nr_packages / sim->nr_vcpus;
}
