import Foundation

/// ECDSA over P-256 and SHA-256 (FIPS 186-5 §6.4.1), by keys that are no secret: their private halves are 1 and
/// -1, so that their public halves are the curve's generator and its opposite, and a signature with the nonce 1
/// is one addition. Linux has no CryptoKit for better.
public enum Es256 {
  public enum Key: Sendable, Hashable {
    case first
    case second

    /// Uncompressed (SEC 1 §2.3.3).
    public var publicKey: Data {
      switch self {
      case .first: Data([0x04] + x + y)
      case .second: Data([0x04] + x + subtracted([0] + prime, [0] + y).dropFirst())
      }
    }

    /// r is the generator's x, and s = hash ± r, modulo the order.
    public func sign(_ message: Data) -> Data {
      let hash = Sha256.hash(Array(message))
      let product =
        switch self {
        case .first: x
        case .second: Array(subtracted([0] + order, [0] + x).dropFirst())
        }
      return Data(x + added(hash, product))
    }
  }

  public static let publicKey = Key.first.publicKey

  public static func sign(_ message: Data) -> Data {
    Key.first.sign(message)
  }

  private static let x: [UInt8] = [
    0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77,
    0x03,
    0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
  ]
  private static let y: [UInt8] = [
    0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B,
    0xCE,
    0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
  ]
  /// Of the field.
  private static let prime: [UInt8] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00,
    0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
  ]
  private static let order: [UInt8] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC,
    0xE6,
    0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
  ]

  private static func added(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var sum = [UInt8](repeating: 0, count: 33)
    var carry = 0
    for index in (0..<32).reversed() {
      let digit = Int(a[index]) + Int(b[index]) + carry
      sum[index + 1] = UInt8(digit & 0xFF)
      carry = digit >> 8
    }
    sum[0] = UInt8(carry)
    while !sum.lexicographicallyPrecedes([0] + order) { sum = subtracted(sum, [0] + order) }
    return Array(sum.dropFirst())
  }

  private static func subtracted(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
    var difference = a
    var borrow = 0
    for index in a.indices.reversed() {
      let digit = Int(a[index]) - Int(b[index]) - borrow
      difference[index] = UInt8((digit + 256) & 0xFF)
      borrow = digit < 0 ? 1 : 0
    }
    return difference
  }
}

/// SHA-256 (FIPS 180-4 §6.2).
public enum Sha256 {
  public static func hash(_ message: [UInt8]) -> [UInt8] {
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    padded += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> (56 - 8 * $0)) }
    var state = roots(2, power: 1.0 / 2, count: 8)
    let constants = roots(2, power: 1.0 / 3, count: 64)
    for start in stride(from: 0, to: padded.count, by: 64) {
      var words = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[start + word * 4 + $1]) }
      }
      for index in 16..<64 {
        let (early, late) = (words[index - 15], words[index - 2])
        let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
        let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
        words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
      }
      var v = state
      for index in 0..<64 {
        let mixed = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)
        let chosen = (v[4] & v[5]) ^ (~v[4] & v[6])
        let first = v[7] &+ mixed &+ chosen &+ constants[index] &+ words[index]
        let other = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)
        let most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
        v = [first &+ other &+ most, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
      }
      state = zip(state, v).map { $0 &+ $1 }
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
  }

  /// The first 32 bits of the fractional parts of roots of the first primes.
  private static func roots(_ first: Int, power: Double, count: Int) -> [UInt32] {
    var primes: [Int] = []
    var candidate = first
    while primes.count < count {
      if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes.map { prime in
      let root = pow(Double(prime), power)
      return UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word >> bits | word << (32 - bits)
  }
}
