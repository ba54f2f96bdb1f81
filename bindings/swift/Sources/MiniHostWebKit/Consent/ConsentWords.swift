import MiniHost

/// The texts of a consent sheet, in one of the languages it has.
public struct ConsentWords: Sendable {
  private let hostName: String
  private let language: Language

  private enum Language {
    case english
    case simplifiedChinese
  }

  /// English where the language is another.
  public init(locale: String, hostName: String) {
    self.hostName = hostName
    let tags = locale.lowercased().split(separator: "-")
    // Traditional Chinese is another script; English is the honest way out.
    let isChinese =
      tags.first == "zh" && !tags.contains("hant") && !tags.contains("tw") && !tags.contains("hk")
    language = isChinese ? .simplifiedChinese : .english
  }

  public func title(_ name: String) -> String { pick("\(name) asks for your details", "\(name)想获取您的信息") }
  public func publisher(_ name: String) -> String { pick("By \(name)", "由\(name)提供") }
  public func reason(_ reason: String) -> String { pick("“\(reason)”", "“\(reason)”") }
  public var account: String { pick("Your \(hostName) account", "您的 \(hostName) 账户") }
  public var scopes: String { pick("Choose what it may do", "请选择允许的内容") }
  public func audience(_ resource: String) -> String { pick("For use at \(resource)", "用于 \(resource)") }
  public var howLong: String { pick("For how long", "授权期限") }
  public var allow: String { pick("Allow", "允许") }
  public var deny: String { pick("Deny", "拒绝") }
  public var close: String { pick("Close without answering", "暂不回答并关闭") }
  public var unsigned: String { pick("Nobody has verified this publisher.", "发布者未经验证。") }
  public var nothingChosen: String {
    pick("With nothing chosen, this is the same as Deny.", "未选择任何内容，等同于拒绝。")
  }

  public func duration(_ remember: Remember) -> String {
    switch remember {
    case .once: pick("Once", "仅此一次")
    case .thirtyDays: pick("30 days", "30 天")
    case .untilRevoked: pick("Until I stop it", "直到收回")
    }
  }

  public func follows(_ remember: Remember) -> String {
    switch remember {
    case .once:
      pick("Nothing is remembered: you are asked again next time.", "不会记住您的选择，下次会再次询问。")
    case .thirtyDays:
      pick("Your choice is remembered for 30 days.", "您的选择将被记住 30 天。")
    case .untilRevoked:
      pick("Your choice is remembered until you take it back in your account.", "您的选择将一直有效，直到您在账户中收回。")
    }
  }

  public func doubt(_ doubt: NameDoubt) -> String {
    switch doubt {
    case .mixedScripts:
      pick("A name here mixes alphabets, so that it may look like another one.", "这里的名称混用了不同文字，可能是在模仿别的名称。")
    case .looksLikeHost:
      pick(
        "This calls itself nearly like \(hostName), and is not \(hostName).",
        "此名称与 \(hostName) 十分相似，但它不是 \(hostName)。")
    case .looksLikeAnother:
      pick(
        "This calls itself nearly like another mini-program that is open.", "此名称与另一个已打开的小程序十分相似。")
    }
  }

  private func pick(_ english: String, _ chinese: String) -> String {
    switch language {
    case .english: english
    case .simplifiedChinese: chinese
    }
  }
}
