package org.minihost.harbour

import android.annotation.SuppressLint
import android.content.Context
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.json.JSONArray
import org.minihost.User
import org.minihost.android.container.MiniPrograms

/** What programs keep on this device. It is one user's at a time. */
class ProgramData(context: Context, private val programs: MiniPrograms) {
    private val kept = context.getSharedPreferences("program-data", Context.MODE_PRIVATE)

    private val changing = Mutex()

    /** Whether it is this user's. A user is the same by issuer and `sub` (OpenID Connect Core §5.7). */
    fun isOf(user: User, issuer: String): Boolean = kept.getString(OWNER, null) == nameOf(user, issuer)

    /** Takes away what was another's, and makes it this user's. */
    @SuppressLint("ApplySharedPref") // Nothing may be stored for somebody who is not written down yet.
    suspend fun handTo(user: User, issuer: String) = changing.withLock {
        programs.removeAllData()
        kept.edit().putString(OWNER, nameOf(user, issuer)).commit()
    }

    /** Takes everything away, and leaves it to nobody. */
    suspend fun removeAll() = changing.withLock {
        kept.edit().remove(OWNER).apply()
        programs.removeAllData()
    }

    private fun nameOf(user: User, issuer: String) = JSONArray(listOf(issuer, user.id)).toString()

    private companion object {
        const val OWNER = "owner"
    }
}
