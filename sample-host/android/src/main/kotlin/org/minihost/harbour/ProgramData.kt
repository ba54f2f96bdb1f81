package org.minihost.harbour

import android.annotation.SuppressLint
import android.content.Context
import org.json.JSONArray
import org.minihost.User
import org.minihost.android.container.MiniPrograms

/** What programs keep on this device. It is one user's at a time. */
class ProgramData(context: Context, private val programs: MiniPrograms) {
    private val kept = context.getSharedPreferences("program-data", Context.MODE_PRIVATE)

    /** Makes it this user's: what was another's is gone. A user is the same by issuer and `sub` (OpenID Connect Core §5.7). */
    @SuppressLint("ApplySharedPref") // Nothing may be stored for somebody who is not written down yet.
    suspend fun belongTo(user: User, issuer: String) {
        val owner = JSONArray(listOf(issuer, user.id)).toString()
        if (kept.getString(OWNER, null) == owner) return
        programs.removeAllData()
        kept.edit().putString(OWNER, owner).commit()
    }

    /** Takes everything away, and leaves it to nobody. */
    suspend fun removeAll() {
        kept.edit().remove(OWNER).apply()
        programs.removeAllData()
    }

    private companion object {
        const val OWNER = "owner"
    }
}
