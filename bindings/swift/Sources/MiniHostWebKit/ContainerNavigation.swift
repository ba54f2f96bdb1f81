#if canImport(WebKit)
  import Foundation
  import WebKit

  extension MiniProgramContainer: WKNavigationDelegate {
    public func webView(
      _ webView: WKWebView, decidePolicyFor navigationAction: WKNavigationAction,
      decisionHandler: @escaping @MainActor @Sendable (WKNavigationActionPolicy) -> Void
    ) {
      let url = navigationAction.request.url
      // Without a target it is a new window.
      guard let frame = navigationAction.targetFrame else { return decisionHandler(.cancel) }
      switch policy.decide(url, mainFrame: frame.isMainFrame) {
      case .load:
        decisionHandler(.allow)
      case .outside:
        decisionHandler(.cancel)
        keptOut(url, frame)
        if let url, isUsersDoing(navigationAction.navigationType) { openOutside?(url) }
      case .refuse:
        decisionHandler(.cancel)
        keptOut(url, frame)
      }
    }

    public func webView(_ webView: WKWebView, didCommit navigation: WKNavigation!) {
      begin(webView.url)
      began?()
    }

    public func webView(
      _ webView: WKWebView, didFailProvisionalNavigation navigation: WKNavigation!, withError error: any Error
    ) {
      ended(by: error)
    }

    public func webView(
      _ webView: WKWebView, didFail navigation: WKNavigation!, withError error: any Error
    ) {
      ended(by: error)
    }

    public func webViewWebContentProcessDidTerminate(_ webView: WKWebView) {
      begin(nil)
      failed?(.crashed)
    }

    // A page of the program that is there stays.
    private func keptOut(_ url: URL?, _ frame: WKFrameInfo) {
      if let url, frame.isMainFrame, hasNoPage { failed?(.keptOut(url)) }
    }

    // Another navigation in its place, and one that was kept out, are no failures.
    private func ended(by error: any Error) {
      let cocoa = error as NSError
      let isOurs = cocoa.domain == "WebKitErrorDomain" && cocoa.code == 102
      let isReplaced = cocoa.domain == NSURLErrorDomain && cocoa.code == NSURLErrorCancelled
      if !isOurs && !isReplaced { failed?(.notLoaded(error)) }
    }
  }

  extension MiniProgramContainer: WKUIDelegate {
    public func webView(
      _ webView: WKWebView, createWebViewWith configuration: WKWebViewConfiguration,
      for navigationAction: WKNavigationAction, windowFeatures: WKWindowFeatures
    ) -> WKWebView? {
      nil
    }
  }
#endif
