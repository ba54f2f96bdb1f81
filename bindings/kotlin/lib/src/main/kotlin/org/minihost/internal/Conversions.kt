package org.minihost.internal

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import org.minihost.AskedScope
import org.minihost.AskingClient
import org.minihost.AskingDevice
import org.minihost.AskingProgram
import org.minihost.AssertionAudience
import org.minihost.Assurance
import org.minihost.Build
import org.minihost.CallContext
import org.minihost.Check
import org.minihost.Choice
import org.minihost.ConsentView
import org.minihost.Diagnosis
import org.minihost.Finding
import org.minihost.GesturePolicy
import org.minihost.Grant
import org.minihost.GrantEndedBy
import org.minihost.GrantsAt
import org.minihost.HostConfiguration
import org.minihost.HostMethodDeclaration
import org.minihost.HostMethodMember
import org.minihost.Launch
import org.minihost.LogLevel
import org.minihost.MemberForm
import org.minihost.MiniProgram
import org.minihost.NameDoubt
import org.minihost.NotSigned
import org.minihost.OnSignOut
import org.minihost.PastGrant
import org.minihost.RegisteredProgram
import org.minihost.Remember
import org.minihost.Revoked
import org.minihost.SecretKnown
import org.minihost.SecretSent
import org.minihost.Secrets
import org.minihost.ServerTold
import org.minihost.SignInRequest
import org.minihost.SignInWanted
import org.minihost.SignInWish
import org.minihost.SilentTier
import org.minihost.TrustedKey
import org.minihost.User
import org.minihost.UserReturned
import org.minihost.Verdict
import org.minihost.ffi.AssertionAudience as FfiAssertionAudience
import org.minihost.ffi.Assurance as FfiAssurance
import org.minihost.ffi.Build as FfiBuild
import org.minihost.ffi.CallContext as FfiCallContext
import org.minihost.ffi.Choice as FfiChoice
import org.minihost.ffi.ConsentView as FfiConsentView
import org.minihost.ffi.DeviceAsked as FfiDeviceAsked
import org.minihost.ffi.Finding as FfiFinding
import org.minihost.ffi.GesturePolicy as FfiGesturePolicy
import org.minihost.ffi.Grant as FfiGrant
import org.minihost.ffi.GrantEndedBy as FfiGrantEndedBy
import org.minihost.ffi.GrantsAt as FfiGrantsAt
import org.minihost.ffi.HostConfig
import org.minihost.ffi.HostInfo as FfiHostInfo
import org.minihost.ffi.HostMethodDeclaration as FfiHostMethodDeclaration
import org.minihost.ffi.HostMethodMember as FfiHostMethodMember
import org.minihost.ffi.Launch as FfiLaunch
import org.minihost.ffi.LogLevel as FfiLogLevel
import org.minihost.ffi.MemberForm as FfiMemberForm
import org.minihost.ffi.NameDoubt as FfiNameDoubt
import org.minihost.ffi.NotSigned as FfiNotSigned
import org.minihost.ffi.OnSignOut as FfiOnSignOut
import org.minihost.ffi.OpenedProgram
import org.minihost.ffi.PastGrant as FfiPastGrant
import org.minihost.ffi.RegisteredProgram as FfiRegisteredProgram
import org.minihost.ffi.Remember as FfiRemember
import org.minihost.ffi.Revoked as FfiRevoked
import org.minihost.ffi.SecretKnown as FfiSecretKnown
import org.minihost.ffi.SecretSent as FfiSecretSent
import org.minihost.ffi.Secrets as FfiSecrets
import org.minihost.ffi.ServerTold as FfiServerTold
import org.minihost.ffi.SignInRequest as FfiSignInRequest
import org.minihost.ffi.SignInWanted as FfiSignInWanted
import org.minihost.ffi.SignInWish as FfiSignInWish
import org.minihost.ffi.SilentTier as FfiSilentTier
import org.minihost.ffi.Timeouts as FfiTimeouts
import org.minihost.ffi.TokenBinding as FfiTokenBinding
import org.minihost.ffi.TrustedKey as FfiTrustedKey
import org.minihost.ffi.User as FfiUser
import org.minihost.ffi.UserReturned as FfiUserReturned

// Enums go by their names, which are the same on both sides; the tests convert every one of them.

internal fun HostConfiguration.toFfi() = HostConfig(
    issuer = issuer,
    clientId = clientId,
    host = FfiHostInfo(host.name, host.version, host.platform),
    locale = locale,
    remember = remember.map { it.toFfi() },
    silent = FfiSilentTier.valueOf(silent.name),
    onSignOut = FfiOnSignOut.valueOf(onSignOut.name),
    build = FfiBuild.valueOf(build.name),
    codeRequests = codeRequests.toFfi(),
    signInScopes = signInScopes,
    tokenBinding = FfiTokenBinding.valueOf(tokenBinding.name),
    timeouts = FfiTimeouts(
        promptMs = timeouts.prompt.toMilliseconds(),
        saveMs = timeouts.save.toMilliseconds(),
        networkMs = timeouts.network.toMilliseconds(),
        settingsMs = timeouts.settings.toMilliseconds(),
        silentMs = timeouts.silent.toMilliseconds(),
    ),
    gesture = when (val policy = gesture) {
        is GesturePolicy.NotNeeded -> FfiGesturePolicy.NotNeeded
        is GesturePolicy.Within -> FfiGesturePolicy.Within(policy.age.toMilliseconds())
    },
    words = words,
)

internal fun LogLevel.toFfi() = FfiLogLevel.valueOf(name)

internal fun Secrets.toFfi() = when (this) {
    is Secrets.Memory -> FfiSecrets.Memory
    is Secrets.Keychain -> FfiSecrets.Keychain(service)
    is Secrets.Own -> FfiSecrets.Own(ForeignSecrets(store))
}

internal fun GrantsAt.toFfi() = when (this) {
    is GrantsAt.Memory -> FfiGrantsAt.Memory
    is GrantsAt.File -> FfiGrantsAt.File(path)
    is GrantsAt.Own -> FfiGrantsAt.Own(ForeignGrants(store))
}

internal fun RegisteredProgram.toFfi() = FfiRegisteredProgram(clientId, redirectUri)

internal fun List<FfiFinding>.toPublic() = Diagnosis(
    map { Finding(Check.valueOf(it.check.name), it.of, Verdict.valueOf(it.verdict.name), it.saw, it.cure) },
)

internal fun Remember.toFfi() = FfiRemember.valueOf(name)

internal fun FfiRemember.toPublic() = Remember.valueOf(name)

internal fun SecretKnown.toFfi() = FfiSecretKnown.valueOf(name)

internal fun SecretSent.toFfi() = FfiSecretSent.valueOf(name)

internal fun AssertionAudience.toFfi() = FfiAssertionAudience.valueOf(name)

internal fun FfiAssurance.toPublic() = Assurance.valueOf(name)

internal fun NotSigned.toFfi() = FfiNotSigned.valueOf(name)

internal fun UserReturned.toFfi() = FfiUserReturned.valueOf(name)

internal fun TrustedKey.toFfi() = FfiTrustedKey(publisher, jwk)

internal fun Launch.toFfi() = FfiLaunch(path, query, source)

internal fun OpenedProgram.toPublic() = MiniProgram(
    id = id,
    version = version,
    name = name,
    publisher = publisher,
    unsigned = unsigned,
    startUrl = startUrl,
    origins = origins,
    icon = icon,
    privacyPolicyUrl = privacyPolicyUrl,
)

internal fun CallContext.toFfi() = FfiCallContext(
    document = document.toULong(),
    replyToken = replyToken.toULong(),
    origin = origin,
    mainFrame = mainFrame,
    capability = capability,
    visible = visible,
    gestureAgeMs = gestureAge?.toAge(),
)

// A touch that is still to come is a clock's mistake, and must not pass for one of just now.
private fun Duration.toAge(): UInt {
    val isTold = !isNegative() && inWholeMilliseconds <= UInt.MAX_VALUE.toLong()
    return if (isTold) inWholeMilliseconds.toUInt() else UInt.MAX_VALUE
}

internal fun FfiConsentView.toPublic() = ConsentView(
    prompt = prompt.toLong(),
    digest = digest,
    miniProgram = AskingProgram(
        id = miniProgram.id,
        name = miniProgram.name,
        publisher = miniProgram.publisher,
        icon = miniProgram.icon,
        unsigned = miniProgram.unsigned,
        doubts = miniProgram.doubts.map { it.toPublic() },
    ),
    account = account,
    scopes = scopes.map { AskedScope(it.name, it.title, it.reason) },
    audience = audience,
    locale = locale,
    remember = remember.map { it.toPublic() },
)

internal fun FfiNameDoubt.toPublic() = NameDoubt.valueOf(name)

internal fun Choice.toFfi() = when (this) {
    is Choice.Allow -> FfiChoice.Allow(scopes, remember.toFfi())
    is Choice.Deny -> FfiChoice.Deny
    is Choice.Dismiss -> FfiChoice.Dismiss
}

internal fun FfiUser.toPublic() = User(id, displayName, epoch.toLong())

internal fun SignInWish.toFfi() = when (this) {
    is SignInWish.Ordinary -> FfiSignInWish.Ordinary
    is SignInWish.Again -> FfiSignInWish.Again(acrValues, maxAge?.toSeconds())
    is SignInWish.ChooseAccount -> FfiSignInWish.ChooseAccount
}

internal fun FfiSignInRequest.toPublic() = SignInRequest(
    miniProgram = miniProgram,
    user = user?.toPublic(),
    wanted = when (val it = wanted) {
        is FfiSignInWanted.Again -> SignInWanted.Again(it.acrValues, it.maxAge?.toLong()?.seconds)
        is FfiSignInWanted.ChooseAccount -> SignInWanted.ChooseAccount
    },
    timeAllowed = timeAllowedMs.toLong().milliseconds,
)

internal fun FfiGrant.toPublic() = Grant(
    miniProgram = miniProgram,
    scope = scope,
    audience = audience,
    grantedAt = instant(grantedAtUnixMs),
    expiresAt = expiresAtUnixMs?.let(::instant),
    manifestVersion = manifestVersion,
)

internal fun FfiPastGrant.toPublic() = PastGrant(grant.toPublic(), instant(endedAtUnixMs), by.toPublic(), server.toPublic())

internal fun FfiGrantEndedBy.toPublic() = GrantEndedBy.valueOf(name)

internal fun FfiServerTold.toPublic() = ServerTold.valueOf(name)

internal fun FfiRevoked.toPublic() = Revoked(scopes, stored, server.toPublic())

internal fun FfiDeviceAsked.toPublic() = AskingDevice(
    client = client?.let { AskingClient(it.id, it.name, it.publisher, it.scopes, it.resources) },
    address = address,
    userAgent = userAgent,
    requestedAt = instant(requestedAtUnixMs),
    expiresIn = expiresIn.toLong().seconds,
)

internal fun HostMethodDeclaration.toFfi() = FfiHostMethodDeclaration(
    name = name,
    params = params.map { it.toFfi() },
    result = result.map { it.toFfi() },
    scope = scope,
    prompts = prompts,
    only = only,
)

private fun HostMethodMember.toFfi() = FfiHostMethodMember(name, form.toFfi(), required)

private fun MemberForm.toFfi() = when (this) {
    is MemberForm.Text -> FfiMemberForm.Text
    is MemberForm.ShortText -> FfiMemberForm.ShortText(characters.toUInt())
    is MemberForm.Texts -> FfiMemberForm.Texts
    is MemberForm.Whole -> FfiMemberForm.Whole
    is MemberForm.Flag -> FfiMemberForm.Flag
    is MemberForm.Time -> FfiMemberForm.Time
    is MemberForm.Anything -> FfiMemberForm.Anything
}

internal fun instant(unixMs: Long) = Instant.fromEpochMilliseconds(unixMs)
