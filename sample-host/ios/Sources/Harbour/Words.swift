import Foundation
import MiniHost

/// The app's texts.
public struct Words: Sendable {
  private let isChinese: Bool
  private let locale: String

  public init(_ locale: String) {
    self.locale = locale
    isChinese = locale.hasPrefix("zh")
  }

  public var noServers: String {
    pick(
      "Start the sample host, and give its line to this app: see the README.",
      "请启动示例宿主，并把它输出的那一行交给本应用：见 README。")
  }
  public var username: String { pick("Username", "用户名") }
  public var password: String { pick("Password", "密码") }
  public var signIn: String { pick("Sign in", "登录") }
  public var signOut: String { pick("Sign out", "退出登录") }
  public var programs: String { pick("Mini-programs", "小程序") }
  public var grants: String { pick("What you allowed", "您允许的内容") }
  public var noGrants: String { pick("Nothing yet.", "暂无。") }
  public var takeBack: String { pick("Take back", "收回") }

  /// For those who hear which one it is.
  public func takeBack(_ grant: Grant) -> String {
    pick("\(takeBack): \(what(grant))", "\(takeBack)：\(what(grant))")
  }

  /// What a program may do, by the names of both.
  public func what(_ grant: Grant) -> String {
    pick(
      "\(program(grant.miniProgram)): \(scope(grant.scope))",
      "\(program(grant.miniProgram))：\(scope(grant.scope))")
  }

  /// What people call a program.
  public func program(_ id: String) -> String {
    let name = Servers.name(of: id)
    return pick(name.english, name.chinese)
  }

  /// What a scope is called; the scope itself where there is no word for it.
  public func scope(_ name: String) -> String {
    switch name {
    case "openid": pick("Recognise you", "认出您")
    case "profile": pick("User name", "用户名")
    case "email": pick("Email address", "邮箱地址")
    case "phone": pick("Phone number", "手机号码")
    default: name
    }
  }

  public var close: String { pick("Close", "关闭") }
  public var unsigned: String {
    pick("In development: nobody has verified its publisher.", "开发中：发布者未经验证。")
  }

  public func until(_ date: Date?) -> String {
    guard let date else { return pick("until you take it back", "直到您收回") }
    let format = DateFormatter()
    format.locale = Locale(identifier: locale)
    format.dateStyle = .medium
    return pick("until \(format.string(from: date))", "有效期至 \(format.string(from: date))")
  }

  public func notice(_ notice: HarbourModel.Notice) -> String {
    switch notice {
    case .wrongCredentials: pick("The username or the password is wrong.", "用户名或密码错误。")
    case .tryLater: pick("Not just now. Wait a little before you try again.", "暂时无法登录，请稍等片刻再试。")
    case .unavailable: pick("That does not work just now. Try again in a moment.", "暂时无法完成，请稍后再试。")
    case .noStore:
      pick(
        "What this app keeps safe cannot be read now. Unlock the device, then open the app again.",
        "暂时无法读取本应用安全保存的内容。请先解锁设备，再重新打开本应用。")
    case .notSteered(let words):
      pick("The sample host did not take: ", "示例宿主未执行：") + words.joined(separator: ", ")
    case .attacked(let attack, let reason):
      "\(attack.rawValue): \(reason ?? "–")"
    case .notOpened(let id): pick("\(program(id)) cannot be opened.", "无法打开 \(program(id))。")
    case .pageFailed(let id):
      pick(
        "The page of \(program(id)) cannot be shown. Close it, and open it again.",
        "无法显示 \(program(id)) 的页面。请关闭后重新打开。")
    case .signedOutInPart:
      pick(
        "You are signed out, but not everything could be removed from this device. Sign in and out again.",
        "您已退出登录，但本设备上的部分数据未能清除。请重新登录后再退出。")
    case .unknownWords(let words):
      pick("Words that are none here: ", "无法识别的参数：") + words.joined(separator: ", ")
    case .revoked(let scopes, let server):
      pick(
        "Taken back: \(scopes.map(scope).joined(separator: ", ")). ",
        "已收回：\(scopes.map(scope).joined(separator: "、"))。") + told(server)
    }
  }

  private func told(_ server: ServerTold) -> String {
    switch server {
    case .ended: pick("The mini-program’s access has ended.", "小程序的访问权限已终止。")
    case .later: pick("The authorization server could not be reached; it is told later.", "暂时无法通知授权服务器，稍后重试。")
    case .nothing, .localOnly:
      pick("What the mini-program holds already lasts until it expires.", "小程序已取得的权限在到期前仍然有效。")
    }
  }

  private func pick(_ english: String, _ chinese: String) -> String {
    isChinese ? chinese : english
  }
}
