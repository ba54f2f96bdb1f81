import Testing

@testable import MiniHostWebKit

@Suite struct GesturesTests {
  @Test("A click counts where nothing else has made the page active")
  func clicks() {
    var gestures = Gestures()
    #expect(gestures.age(at: 100) == .infinity)
    gestures.clicked(at: 100)
    #expect(gestures.age(at: 101) == 1)
    // Made by the page, for as long as the click before keeps it active.
    gestures.clicked(at: 104)
    #expect(gestures.age(at: 104) == 4)
    gestures.clicked(at: 106)
    #expect(gestures.age(at: 106) == 0)
  }

  @Test("A click counts neither while a script of the host's runs nor just after it")
  func scripts() {
    var gestures = Gestures()
    gestures.scriptBegan()
    gestures.scriptBegan()
    gestures.scriptEnded(at: 100)
    // The page keeps the other one waiting.
    gestures.clicked(at: 200)
    #expect(gestures.age(at: 200) == .infinity)
    gestures.scriptEnded(at: 300)
    gestures.clicked(at: 304)
    #expect(gestures.age(at: 304) == .infinity)
    gestures.made(at: 304)
    #expect(gestures.age(at: 304) == 0)
  }

  @Test("A gesture is used once, and no click that follows from it brings it back")
  func use() {
    var gestures = Gestures()
    var used: [Bool] = []
    used.append(gestures.use(at: 100))
    gestures.made(at: 100)
    used.append(gestures.use(at: 105))
    used.append(gestures.use(at: 105))
    gestures.clicked(at: 105)
    used.append(gestures.use(at: 105))
    gestures.made(at: 200)
    used.append(gestures.use(at: 206))
    #expect(used == [false, true, false, false, false])
  }
}
