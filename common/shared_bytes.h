// Bytes that are written once and then shared, across threads, without a copy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace weir {

// A handle on immutable bytes of a block that is counted atomically; header and bytes are one
// allocation. Copy, destroy and read from any thread. Empty when default-constructed.
class SharedBytes {
 public:
  // The one writer of a block, before it is shared.
  class Builder;

  SharedBytes() = default;
  static SharedBytes copy_of(std::span<const std::uint8_t> bytes);
  static SharedBytes copy_of(std::string_view text);

  SharedBytes(const SharedBytes& other) noexcept
      : block_(other.block_), data_(other.data_), size_(other.size_) {
    retain();
  }
  SharedBytes(SharedBytes&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SharedBytes() { release(); }

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size() == 0; }
  std::span<const std::uint8_t> span() const { return {data(), size()}; }
  // Implicit, so that it goes wherever bytes are read.
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::span<const std::uint8_t>() const { return span(); }

  // `front`, then these bytes. Shares their block where that was built with room for as much in
  // front of them and nobody took it before; else a copy. Any thread.
  SharedBytes behind(std::span<const std::uint8_t> front) const;

  friend bool operator==(const SharedBytes& a, const SharedBytes& b);

 private:
  struct Block {
    std::atomic<std::uint32_t> references{1};
    // In front of the bytes; nobody has written there yet.
    std::atomic<std::uint32_t> room{0};
    std::size_t size = 0;
    std::size_t capacity = 0;
  };
  // Of a block's room, and then its bytes.
  static std::uint8_t* memory_of(Block* block) {
    return reinterpret_cast<std::uint8_t*>(block + 1);
  }
  static Block* allocate(std::size_t room, std::size_t capacity);
  static void free(Block* block);

  SharedBytes(Block* block, const std::uint8_t* data, std::size_t size)
      : block_(block), data_(data), size_(size) {}
  void retain() const {
    if (block_) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    if (block_ && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) free(block_);
  }

  Block* block_ = nullptr;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Grows as bytes arrive, so that a length announced by a peer allocates nothing by itself.
// Owned by one thread; `take()` ends it.
class SharedBytes::Builder {
 public:
  Builder() = default;
  // Leaves `room` bytes in front of what is appended (SharedBytes::behind).
  explicit Builder(std::uint32_t room) : room_(room) {}
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  Builder(Builder&& other) noexcept
      : room_(other.room_), block_(std::exchange(other.block_, nullptr)) {}
  Builder& operator=(Builder&& other) noexcept {
    std::swap(room_, other.room_);
    std::swap(block_, other.block_);
    return *this;
  }
  ~Builder();

  // Room for `capacity` bytes in all; a hint that saves copies.
  void reserve(std::size_t capacity);
  void append(std::span<const std::uint8_t> bytes);
  std::size_t size() const { return block_ ? block_->size : 0; }
  std::size_t capacity() const { return block_ ? block_->capacity : 0; }
  // The bytes so far, shared from now on; the builder is empty again.
  SharedBytes take();

 private:
  std::uint8_t* bytes() const { return memory_of(block_) + room_; }

  std::uint32_t room_ = 0;
  Block* block_ = nullptr;
};

}  // namespace weir
