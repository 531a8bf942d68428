#include "common/shared_bytes.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace weir {

SharedBytes::Block* SharedBytes::allocate(std::size_t room, std::size_t capacity) {
  auto* block = new (::operator new(sizeof(Block) + room + capacity)) Block;
  block->room.store(static_cast<std::uint32_t>(room), std::memory_order_relaxed);
  block->capacity = capacity;
  return block;
}

void SharedBytes::free(Block* block) {
  block->~Block();
  ::operator delete(block);
}

SharedBytes SharedBytes::copy_of(std::span<const std::uint8_t> bytes) {
  Builder builder;
  builder.reserve(bytes.size());
  builder.append(bytes);
  return builder.take();
}

SharedBytes SharedBytes::copy_of(std::string_view text) {
  return copy_of(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

SharedBytes SharedBytes::behind(std::span<const std::uint8_t> front) const {
  const bool may_fit =
      block_ && !front.empty() && front.size() <= block_->room.load(std::memory_order_relaxed);
  if (may_fit && block_->room.exchange(0, std::memory_order_relaxed) != 0) {
    auto* const begin = const_cast<std::uint8_t*>(data_) - front.size();
    std::ranges::copy(front, begin);
    retain();
    return {block_, begin, front.size() + size_};
  }
  Builder builder;
  builder.reserve(front.size() + size_);
  builder.append(front);
  builder.append(span());
  return builder.take();
}

bool operator==(const SharedBytes& a, const SharedBytes& b) {
  return std::ranges::equal(a.span(), b.span());
}

SharedBytes::Builder::~Builder() {
  if (block_) SharedBytes::free(block_);
}

void SharedBytes::Builder::reserve(std::size_t capacity) {
  if (block_ && block_->capacity >= capacity) return;
  Block* const before = std::exchange(block_, allocate(room_, capacity));
  if (!before) return;
  std::memcpy(bytes(), memory_of(before) + room_, before->size);
  block_->size = before->size;
  SharedBytes::free(before);
}

void SharedBytes::Builder::append(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const std::size_t needed = size() + bytes.size();
  if (needed > capacity()) reserve(std::max(needed, 2 * capacity()));
  std::memcpy(this->bytes() + block_->size, bytes.data(), bytes.size());
  block_->size = needed;
}

SharedBytes SharedBytes::Builder::take() {
  if (!block_) return {};
  const std::uint8_t* const data = bytes();
  const std::size_t size = block_->size;
  return {std::exchange(block_, nullptr), data, size};
}

}  // namespace weir
