scope-openid = Recognise you the next time
scope-profile = See your user name
scope-email = See your email address
scope-phone = See your phone number
scope-unknown = Use “{ $scope }”
