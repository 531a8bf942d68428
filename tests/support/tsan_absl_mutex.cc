// For TSan: Debian's gRPC is not instrumented, and hands work from thread to thread under
// absl::Mutex, which TSan cannot see. These stand before absl's own and tell TSan of each lock and
// unlock, so that what is ordered by gRPC counts as ordered, and what is not is still found.
#include <absl/synchronization/mutex.h>
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace {

using Locking = void (*)(absl::Mutex*);
using Trying = bool (*)(absl::Mutex*);
using Waiting = void (*)(absl::CondVar*, absl::Mutex*);
using WaitingUntil = bool (*)(absl::CondVar*, absl::Mutex*, absl::Time);

template <class Function>
Function next(const char* symbol) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol));
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static const auto kReal = next<Locking>("_ZN4absl7debian35Mutex4LockEv");
  kReal(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static const auto kReal = next<Locking>("_ZN4absl7debian35Mutex6UnlockEv");
  __tsan_release(this);
  kReal(this);
}

bool Mutex::TryLock() {
  static const auto kReal = next<Trying>("_ZN4absl7debian35Mutex7TryLockEv");
  const bool locked = kReal(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

// A wait unlocks and locks inside of absl.
void CondVar::Wait(Mutex* mutex) {
  static const auto kReal = next<Waiting>("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  kReal(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static const auto kReal =
      next<WaitingUntil>("_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool timed_out = kReal(this, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}

ABSL_NAMESPACE_END
}  // namespace absl
