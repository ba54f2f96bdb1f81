#if canImport(WebKit)
  import Foundation
  import MiniHost
  import MiniHostWebKit
  import WebKit

  #if canImport(FoundationNetworking)
    import FoundationNetworking
  #endif

  extension HarbourModel {
    /// Shows the program that is open, where the words want it to begin.
    public func container(for session: MiniProgramSession) -> MiniProgramContainer {
      let container = MiniProgramContainer(session: session, identifiers: data.stores)
      container.failed = { [weak self, id = session.program.id] _ in self?.notice = .pageFailed(id) }
      if steering.reload {
        container.began = { [weak container] in
          container?.began = nil
          container?.webView.reload()
        }
      }
      container.setVisible(seesProgram)
      if let url = steering.navigate.flatMap(URL.init(string:)) {
        container.webView.load(URLRequest(url: url))
      } else {
        container.load()
      }
      return container
    }
  }
#endif
